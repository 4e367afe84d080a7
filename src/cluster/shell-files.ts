/** What makes a shell on a node pleasant: prompt, colours, completion. */
import type { NodeSummary } from '../wire/lab.ts'
import { readable } from './base-system.ts'
import { homeOf } from './environment.ts'
import type { NodeFile } from './spec.ts'

export function shellFiles(node: NodeSummary): Record<string, NodeFile> {
  const home = homeOf(node)
  return {
    '/etc/profile': readable(PROFILE),
    '/etc/profile.d/halab.sh': readable(INTERACTIVE),
    [`${home}/.bashrc`]: readable('. /etc/profile.d/halab.sh\n'),
    [`${home}/.profile`]: readable('[ -n "$BASH_VERSION" ] && [ -f ~/.bashrc ] && . ~/.bashrc\n'),
  }
}

/** The environment is set before any shell starts, so a login shell has nothing to add to PATH. */
const PROFILE = `umask 022
for part in /etc/profile.d/*.sh; do [ -r "$part" ] && . "$part"; done
unset part
`

/**
 * Completion of kubectl costs 60 ms to generate: it is made once, when it is first asked for, not
 * whenever a shell opens. Sourced twice (login shell, then .bashrc) it does its work once.
 */
const INTERACTIVE = `# Prompt, colours and completion of interactive shells.
case $- in *i*) ;; *) return 0 2>/dev/null ;; esac
[ -n "$BASH_VERSION" ] || return 0
[ -z "$HALAB_SHELL_READY" ] || return 0
HALAB_SHELL_READY=1

HISTCONTROL=ignoredups
HISTSIZE=5000
shopt -s checkwinsize histappend

PS1='\\u@\\h:\\w\\$ '
if [ -t 1 ] && [ "$TERM" != dumb ]; then
  PS1='\\[\\e[1;32m\\]\\u@\\h\\[\\e[0m\\]:\\[\\e[1;34m\\]\\w\\[\\e[0m\\]\\$ '
  alias ls='ls --color=auto' grep='grep --color=auto'
fi

alias k=kubectl
[ -r /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion

_halab_completion() {
  # $1 is the command as typed, which for k is another than the program.
  local program=$1
  [ "$program" = k ] && program=kubectl
  complete -r "$1" 2>/dev/null
  eval "$("$program" completion bash 2>/dev/null)"
  [ "$1" = k ] && complete -o default -F __start_kubectl k
  return 124
}
complete -F _halab_completion kubectl k etcdctl etcdutl
`
