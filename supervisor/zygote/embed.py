#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The zygote's program as it stands in the library: what the kernel loads of it, and nothing else.

embed.py PROGRAM IMAGE SOURCE PATH: the program without symbols and debug information, and the same
as an array in C, with the path under which it is going to be installed.
"""
import struct
import sys

PT_LOAD = 1


def image(program):
    """An ELF file up to the end of its last loaded byte, without sections."""
    at, count = struct.unpack_from('<Q', program, 32)[0], struct.unpack_from('<H', program, 56)[0]
    end = at + count * 56
    for i in range(count):
        kind, _, offset, _, _, size = struct.unpack_from('<IIQQQQ', program, at + i * 56)
        if kind == PT_LOAD:
            end = max(end, offset + size)
    ret = bytearray(program[:end])
    struct.pack_into('<Q', ret, 40, 0)       # e_shoff
    struct.pack_into('<HH', ret, 60, 0, 0)   # e_shnum, e_shstrndx
    return bytes(ret)


def main():
    with open(sys.argv[1], 'rb') as f:
        data = image(f.read())
    with open(sys.argv[2], 'wb') as f:
        f.write(data)
    with open(sys.argv[3], 'w') as f:
        f.write('#include "zygote/image.h"\n\nconst unsigned char zygote_image[] = {\n')
        for i in range(0, len(data), 16):
            f.write('\t' + ''.join(f'{byte}, ' for byte in data[i:i + 16]).rstrip() + '\n')
        f.write('};\n\nconst size_t zygote_image_size = sizeof(zygote_image);\n')
        f.write(f'const char zygote_path[] = "{sys.argv[4]}";\n')


main()
