" SPDX-License-Identifier: LGPL-2.1-or-later
" Policies of pcall. Others have files with this ending, too: one that is written by now is known by its
" first line, which only comments precede; a new one by where it is.
autocmd BufRead *.policy call s:Detect()
autocmd BufNewFile */pcall/*.policy,*/policies/*.policy set filetype=pcall-policy

function! s:Detect() abort
	for line in getline(1, 100)
		if line =~# '^\s*policy\s\+\d'
			set filetype=pcall-policy
		endif
		if line !~# '^\s*\(#.*\)\=$'
			return
		endif
	endfor
endfunction
