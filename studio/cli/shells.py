"""The scripts that complete ``studio`` in bash, zsh and fish: each only asks ``studio`` itself."""

from __future__ import annotations

# How a script asks, and what it is told when the shell should look for paths by itself.
ASK = "__complete"
FILES, FOLDERS = "\tfiles", "\tfolders"

_BASH = r"""# completes studio in bash
_studio() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            '') ;;
            $'\tfiles') compopt -o default 2>/dev/null ;;
            $'\tfolders') compopt -o dirnames 2>/dev/null ;;
            *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done < <("${1/#\~/$HOME}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o nosort -F _studio studio 2>/dev/null || complete -F _studio studio
"""

_ZSH = r"""#compdef studio
# completes studio in zsh
_studio() {
    local line
    local -a found
    for line in "${(@f)$("${words[1]/#\~/$HOME}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        case $line in
            '') ;;
            $'\tfiles') _files; return ;;
            $'\tfolders') _files -/; return ;;
            *) found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
        esac
    done
    (( $#found )) && _describe -V studio found
}
if [[ ${funcstack[1]} == _studio ]]; then
    _studio "$@"
else
    compdef _studio studio
fi
"""

_FISH = r"""# completes studio in fish
function __studio_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    for line in ($program __complete $words[2..-1] 2>/dev/null)
        switch $line
            case \tfiles
                __fish_complete_path (commandline -ct)
            case \tfolders
                __fish_complete_directories (commandline -ct) ''
            case '*'
                echo $line
        end
    end
end
complete -c studio -f -k -a '(__studio_complete)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
