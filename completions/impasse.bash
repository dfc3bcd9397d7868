# bash completion for impasse. The words come from the program's own --help, so that they are those of the program that is there.

_impasse_help() { # SUBCOMMAND...: its --help
	"${COMP_WORDS[0]}" "$@" --help 2>/dev/null
}

_impasse_options() { # the options in a help text
	grep -oE -- '(^|[^a-z-])--?[a-zA-Z][a-z-]*' | grep -oE -- '--?[a-zA-Z][a-z-]*' | sort -u
}

_impasse() {
	local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} sub=${COMP_WORDS[1]-} words=
	COMPREPLY=()

	case $previous in
	-z | -o | -i | -y | --c)
		COMPREPLY=($(compgen -f -- "$word"))
		return
		;;
	--color) words='auto always never' ;;
	--accel) words='kvm tcg kvm,tcg' ;;
	--type)
		words=$(_impasse_help convert | sed -n 's/^  --type \([a-z]*\) .*/\1/p')
		;;
	esac
	if [[ -z $words && $COMP_CWORD -eq 1 && $word != -* ]]; then
		words=$(_impasse_help | sed -n 's/^ *impasse \([a-z][a-z]*\) .*/\1/p' | sort -u)
	elif [[ -z $words ]]; then
		case $sub in
		lab)
			if [[ $COMP_CWORD -eq 2 ]]; then
				words=$(_impasse_help lab | sed -n 's/^  impasse lab \([a-z]*\).*/\1/p')
			else
				words=$(_impasse_help lab "${COMP_WORDS[2]}" | _impasse_options)
			fi
			;;
		sc)
			if [[ $COMP_CWORD -eq 2 ]]; then
				words=$(_impasse_help sc | sed -n 's/^.*impasse sc \([a-z]*\).*/\1/p' | sort -u)
			else
				words=$(_impasse_help sc | grep "impasse sc ${COMP_WORDS[2]}" | grep -oE -- '[a-zA-Z]+=|--json')
			fi
			;;
		dump | convert) words=$(_impasse_help "$sub" | _impasse_options) ;;
		help) words=$("${COMP_WORDS[0]}" help --names 2>/dev/null) ;;
		*) words=$(_impasse_help | _impasse_options) ;;
		esac
	fi
	COMPREPLY=($(compgen -W "$words" -- "$word"))
	# What begins like neither a subcommand nor an option is a file.
	if [[ $word != -* && $sub != lab && $sub != sc && $sub != help ]]; then
		COMPREPLY+=($(compgen -f -- "$word"))
	fi
	[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
	return 0
}

complete -o filenames -F _impasse impasse
