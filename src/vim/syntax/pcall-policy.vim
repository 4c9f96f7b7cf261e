" SPDX-License-Identifier: LGPL-2.1-or-later
" The language of pcall-policy(5). A line is a verb and words; what is no verb of it stands out as an error.

if exists('b:current_syntax')
	finish
endif
let s:cpo = &cpoptions
set cpoptions&vim

syntax case match
syntax match pcallUnknown /^\s*\zs[^ \t#]\S*/

" What allows, what takes away, and the rest of the verbs.
syntax match pcallAllow /^\s*\zs\%(list\|read\|write\|exec\|unix\|dev\|bind\|connect\|listen\|method\)\ze\%(\s\|$\)/
syntax match pcallRefuse /^\s*\zs\%(hide\|sealed\)\ze\%(\s\|$\)/
syntax match pcallRefuse /^\s*\zs\%(deny\|ask\)\ze\%(\s\|$\)/ nextgroup=pcallOf skipwhite
syntax match pcallHead /^\s*\zs\%(policy\|about\|use\|env\|limit\)\ze\%(\s\|$\)/
syntax match pcallTest /^\s*\zstest\ze\%(\s\|$\)/ nextgroup=pcallWanted skipwhite
syntax keyword pcallWanted allow deny contained nextgroup=pcallOf skipwhite
syntax keyword pcallOf list read write exec unix dev connect listen method contained

syntax match pcallExcept /\s\zsexcept\ze\s/
syntax match pcallMode /\s\zs\%(ro\|rw\)\ze\s*\%(#.*\)\=$/
syntax match pcallEnv /^\s*env\s\+\zs\%(keep\|set\)\ze\s/
syntax match pcallKey /\<\%(mem\|procs\|files\|cpu\|time\|fsize\|children\|pending\)\ze=/
syntax match pcallVariable /\${\w\+}/
syntax match pcallVariable /\s\zs\~\ze\%(\/\|\s\|$\)/
syntax match pcallGlob /[*?]\|\[[^]: \t]\+\]/
syntax match pcallEscape /\\./
syntax region pcallString start=/"/ skip=/\\./ end=/"/ oneline contains=pcallVariable,pcallGlob,pcallEscape
syntax match pcallComment /\%(^\|\s\)\zs#.*/ contains=@Spell

highlight default link pcallUnknown Error
highlight default link pcallAllow Statement
highlight default link pcallRefuse Exception
highlight default link pcallHead PreProc
highlight default link pcallTest Debug
highlight default link pcallWanted Conditional
highlight default link pcallOf Type
highlight default link pcallExcept Keyword
highlight default link pcallMode Type
highlight default link pcallEnv Type
highlight default link pcallKey Identifier
highlight default link pcallVariable Identifier
highlight default link pcallGlob Special
highlight default link pcallEscape Special
highlight default link pcallString String
highlight default link pcallComment Comment

let b:current_syntax = 'pcall-policy'
let &cpoptions = s:cpo
unlet s:cpo
