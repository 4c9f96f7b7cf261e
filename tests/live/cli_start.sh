# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# What pcall-run is started with: no home, no standard descriptors, descriptors that a word names.
. "$PCALL_SOURCE/tests/tap.sh"
need bash env

cd "$tap_dir" || exit 1
path="PCALL_POLICY_PATH=$PCALL_POLICY_PATH"

# A home.
status_is 0 no_environment_at_all env -i "$path" "$pcall_run" true
for home in -u= relative /nonexistent; do
	case $home in
	-u=) set -- -u HOME ;;
	*) set -- HOME=$home ;;
	esac
	for policy in readonly workspace net build; do
		status_is 0 "home_${home}_under_$policy" env "$@" "$pcall_run" -q -p $policy true
	done
done
status_is 0 an_empty_home env HOME= "$pcall_run" true
mkdir -p closed/.config/pcall
cp "$PCALL_POLICY_PATH/readonly.policy" closed/.config/pcall/mine.policy
home=$PWD/closed
mkdir -p elsewhere
cd elsewhere || exit 1 # above a home nothing is given
status_is 0 a_policy_of_the_home env HOME="$home" "$pcall_run" -q -p mine true
chmod 0 ../closed
status_is 0 a_home_that_may_not_be_looked_into env HOME="$home" "$path" "$pcall_run" -q true
cd .. || exit 1
chmod 700 closed
# Without HOME it is what the password file says: what is hidden there stays hidden.
# shellcheck disable=SC2088 # pcall's tilde
is "$(env -u HOME "$PCALL_BUILD/src/pcall" why read '~/.bashrc' -p readonly >out; sed -n 1p out)" \
	"$(env HOME="$(getent passwd "$(id -u)" | cut -d: -f6)" "$PCALL_BUILD/src/pcall" why read '~/.bashrc' -p readonly | sed -n 1p)" \
	without_HOME_the_same_is_hidden

# Behind a directory of policies that may not be looked into the search goes on; in a box root may not either.
mkdir first
cat >outer.policy <<END
policy 1
use  base
read $PCALL_POLICY_PATH $PCALL_BUILD
exec $PCALL_BUILD /usr/bin /bin
list $PWD/first
END
chmod 0 first
box() { # directories
	"$pcall_run" -q -p "$PWD/outer.policy" -- env PCALL_POLICY_PATH="$1" "$pcall_inner" -q -p base --exec /usr/bin/true \
		/usr/bin/true
}
status_is 0 the_search_goes_on_behind_a_closed_directory box "$PWD/first:$PCALL_POLICY_PATH"
status_is 125 a_policy_that_is_nowhere "$pcall_run" -q -p "$PWD/outer.policy" -- env PCALL_POLICY_PATH="$PWD/first" \
	"$pcall_inner" -q -p nowhere true
ok it_says_what_may_not_be_looked_into grep -q "$PWD/first may not be looked into" err
chmod 700 first

# Standard descriptors that are closed are closed.
# shellcheck disable=SC2016 # for the inner shell
count='for fd in 0 1 2; do ( : <&$fd ) 2>/dev/null && printf "%s " $fd >&9; done'
for closed in '0<&-' '1>&-' '2>&-' '0<&- 1>&-' '0<&- 1>&- 2>&-'; do
	bash -c "sh -c '$count' 9>native $closed" <"$0"
	bash -c "'$pcall_run' -q --keep-fd 9 sh -c '$count' 9>boxed $closed" <"$0"
	is "$?:$(cat boxed)" "0:$(cat native)" "closed_stays_closed_$closed"
	bash -c "'$pcall_run' -q --read '$PCALL_BUILD' --exec '$PCALL_BUILD' --keep-fd 9 -- \
		'$pcall_run' -q --keep-fd 9 sh -c '$count' 9>deep $closed" <"$0"
	is "$?:$(cat deep)" "0:$(cat native)" "closed_stays_closed_in_a_box_$closed"
done

# Descriptors that the command's words name.
echo first >one
echo second >two
is "$(bash -c "'$pcall_run' -q cat <(cat one) <(cat two)")" 'first
second' a_shells_substitution_is_passed
is "$("$pcall_run" -q cat /proc/self/fd/7 7<one)" first a_word_that_is_a_descriptor
is "$("$pcall_run" -q --exec "$PCALL_BUILD" --read "$PCALL_BUILD" -- "$pcall_run" -q cat /dev/fd/7 7<one)" first \
	in_a_box_as_well
is "$("$pcall_run" -q sed --file=/dev/fd/7 one 7<<END
s/first/edited/
END
)" edited behind_an_equals_sign
is "$("$pcall_run" -q sh -c 'cat <&7 2>/dev/null || echo closed' 7<one)" closed others_are_closed
is "$("$pcall_run" -q sh -c 'cat <&7 2>/dev/null || echo closed' x /dev/fd/77 /dev/fd/x /dev/fd/99999999999999 7<one)" \
	closed what_is_not_named_is_closed
done_testing
