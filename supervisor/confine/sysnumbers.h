/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers of system calls that are newer than the headers of the systems we build on, up to
 * Linux 6.18. */
#ifndef SUPERVISOR_SYSNUMBERS_H
#define SUPERVISOR_SYSNUMBERS_H

#include <sys/syscall.h>

#ifndef __x86_64__
#error "the rows are those of x86-64"
#endif

#include "common/pcall-wire.h" /* PCALL_BASE */

enum {
	X32_BIT = 0x40000000, /* methods are below it */
};

#ifndef __NR_uretprobe /* Linux 6.11 */
#define __NR_uretprobe 335
#endif
#ifndef __NR_uprobe /* Linux 6.18 */
#define __NR_uprobe 336
#endif
#ifndef __NR_cachestat /* Linux 6.5 */
#define __NR_cachestat 451
#endif
#ifndef __NR_fchmodat2 /* Linux 6.6 */
#define __NR_fchmodat2 452
#endif
#ifndef __NR_map_shadow_stack /* Linux 6.6 */
#define __NR_map_shadow_stack 453
#endif
#ifndef __NR_futex_wake /* Linux 6.7 */
#define __NR_futex_wake 454
#endif
#ifndef __NR_futex_wait /* Linux 6.7 */
#define __NR_futex_wait 455
#endif
#ifndef __NR_futex_requeue /* Linux 6.7 */
#define __NR_futex_requeue 456
#endif
#ifndef __NR_statmount /* Linux 6.8 */
#define __NR_statmount 457
#endif
#ifndef __NR_listmount /* Linux 6.8 */
#define __NR_listmount 458
#endif
#ifndef __NR_lsm_get_self_attr /* Linux 6.8 */
#define __NR_lsm_get_self_attr 459
#endif
#ifndef __NR_lsm_set_self_attr /* Linux 6.8 */
#define __NR_lsm_set_self_attr 460
#endif
#ifndef __NR_lsm_list_modules /* Linux 6.8 */
#define __NR_lsm_list_modules 461
#endif
#ifndef __NR_mseal /* Linux 6.10 */
#define __NR_mseal 462
#endif
#ifndef __NR_setxattrat /* Linux 6.13 */
#define __NR_setxattrat 463
#endif
#ifndef __NR_getxattrat /* Linux 6.13 */
#define __NR_getxattrat 464
#endif
#ifndef __NR_listxattrat /* Linux 6.13 */
#define __NR_listxattrat 465
#endif
#ifndef __NR_removexattrat /* Linux 6.13 */
#define __NR_removexattrat 466
#endif
#ifndef __NR_open_tree_attr /* Linux 6.15 */
#define __NR_open_tree_attr 467
#endif
#ifndef __NR_file_getattr /* Linux 6.17 */
#define __NR_file_getattr 468
#endif
#ifndef __NR_file_setattr /* Linux 6.17 */
#define __NR_file_setattr 469
#endif

#endif
