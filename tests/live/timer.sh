# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# A signal every 10 ms: whose handler has SA_RESTART disturbs nothing; without it, calls may have to be made again, and no more.
. "$PCALL_SOURCE/tests/live/programs_kit.sh"
need find tar perl
calls=$PCALL_BUILD/tests/live/timer_calls
timer=$PCALL_BUILD/tests/live/timer_preload.so

mkdir "$tap_dir/in"
timed() { # words of timer_calls
	"$pcall_run" -q -p base -r "$calls" -x "$calls" -w "$tap_dir/in" -- "$calls" "$tap_dir/in" "$@"
}
word() { # number, of a line of timer_calls
	echo "$2" | cut -d' ' -f"$1"
}
line=$(timed 2000 restart)
is "$(word 5 "$line")/$(word 7 "$line")" 0/0 with_restart_no_call_is_interrupted
diag "with SA_RESTART: $line"
line=$(timed 4000)
is "$(word 7 "$line")" 0 without_it_calls_can_be_made_again
ok most_signals_interrupt_none test "$(word 5 "$line")" -le $(($(word 3 "$line") / 2))
diag "without: $line"

# Programs that mind no signal (sort would: it takes SIGALRM for the end).
template=$tap_dir/tree
mkdir "$template" "$template/from"
for n in 1 2 3 4 5 6 7 8 9; do
	mkdir -p "$template/from/$n/sub"
	for name in a b c d e f g h; do echo "$n $name" >"$template/from/$n/sub/$name"; done
done
cat >"$template/work.sh" <<'END'
export LC_ALL=C
for n in 1 2 3 4; do
	cp -a from to$n; find to$n -type f | wc -l; find to$n -name a -delete; find to$n | wc -l
	tar cf to$n.tar to$n; mkdir out$n; tar xf to$n.tar -C out$n; diff -r to$n out$n/to$n; rm -r to$n to$n.tar
	chmod -R go-rwx out$n; mv out$n moved$n; ls -lR --time-style=+ moved$n | cksum; du -a --apparent-size moved$n | wc -l
done
sed -i s/a/b/ from/*/sub/a; grep -r b from | wc -l; touch -d @1 from/*/sub/*; sha256sum from/*/sub/* | cksum
perl -e 'for my $n (1 .. 300) { open my $f, ">", "x$n" or die "open: $!"; close $f; rename "x$n", "y$n" or die "rename: $!"; -e "y$n" or die "stat: $!";
	chmod 0600, "y$n" or die "chmod: $!"; mkdir "d" or die "mkdir: $!"; rmdir "d" or die "rmdir: $!"; unlink "y$n" or die "unlink: $!" } print "done\n"'
true
END
box_options="-r $timer"
same programs_under_a_timer workspace /usr/bin/env LD_PRELOAD="$timer" sh ./work.sh

done_testing
