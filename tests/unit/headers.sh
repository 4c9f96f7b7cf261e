# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# The public headers in other languages and of other days; the libraries as a program links them.
. "$PCALL_SOURCE/tests/tap.sh"

strict='-Wall -Wextra -pedantic -Werror'
libraries="-L$PCALL_BUILD/shim -L$PCALL_BUILD/supervisor"
LD_LIBRARY_PATH=$PCALL_BUILD/shim:$PCALL_BUILD/supervisor${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH

# A library that is instrumented needs a program that is, too.
if grep -q -a -e __asan_init -e __tsan_init "$PCALL_BUILD/supervisor/libsupervisor.so"; then
	skip_all 'a sanitizer is in the library'
fi

uses() { # name, compiler and its flags...
	uses_name=$1
	shift
	if ! command -v "$1" >/dev/null; then
		skip "$uses_name" "no $1"
		return
	fi
	# shellcheck disable=SC2086 # words
	ok "$uses_name" sh -c '"$@" && "$0"' "$tap_dir/use" "$@" $strict -I"$PCALL_SOURCE/include" \
		"$PCALL_SOURCE/tests/unit/headers_use.c" -o "$tap_dir/use" $libraries -lpcall -lsupervisor
}

uses headers_are_c89 cc -std=c89
uses headers_are_ansi cc -ansi -Wno-long-long
uses headers_are_gnu89 cc -std=gnu89
uses headers_are_c17 cc -std=c17
uses headers_are_c_with_gnu_source cc -std=gnu17 -D_GNU_SOURCE
uses headers_are_cpp98 c++ -xc++ -std=c++98 -Wno-long-long
uses headers_are_cpp11 c++ -xc++ -std=c++11
uses headers_are_cpp20 c++ -xc++ -std=c++20

# A struct whose name is a function's, too, would need the word before it.
structs=$(sed -n 's/^struct \([a-z_]*\) {$/\1/p' "$PCALL_SOURCE/include/supervisor.h" "$PCALL_SOURCE/include/pcall.h")
if command -v c++ >/dev/null; then
	{
		printf '#include <pcall.h>\n#include <supervisor.h>\nint main() {\n'
		for name in $structs; do printf '\t%s a_%s = {};\n\t(void)a_%s;\n' "$name" "$name" "$name"; done
		printf '\treturn 0;\n}\n'
	} >"$tap_dir/structs.cc"
	ok cpp_needs_no_word_before_a_structs_name c++ -std=c++11 -fsyntax-only -I"$PCALL_SOURCE/include" "$tap_dir/structs.cc"
else
	skip cpp_needs_no_word_before_a_structs_name 'no c++'
fi

needed() { # library: what it needs of others
	readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p'
}
if command -v readelf >/dev/null; then
	is "$(needed "$PCALL_BUILD/shim/libpcall.so")" '' libpcall_needs_no_other_library
else
	skip libpcall_needs_no_other_library 'no readelf'
fi

done_testing
