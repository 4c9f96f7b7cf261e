/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers of calls that the headers of an older kernel do not have. */
#ifndef TESTS_NEW_CALLS_H
#define TESTS_NEW_CALLS_H

#include <sys/syscall.h>

#ifndef __NR_fchmodat2 /* Linux 6.6 */
#define __NR_fchmodat2 452
#endif
#ifndef __NR_statmount /* Linux 6.8 */
#define __NR_statmount 457
#define __NR_listmount 458
#endif
#ifndef __NR_setxattrat /* Linux 6.13 */
#define __NR_setxattrat	   463
#define __NR_getxattrat	   464
#define __NR_listxattrat   465
#define __NR_removexattrat 466
#endif
#ifndef __NR_file_getattr /* Linux 6.17 */
#define __NR_file_getattr 468
#define __NR_file_setattr 469
#endif

#endif
