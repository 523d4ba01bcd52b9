package latex

import "strings"

// raised and lowered are the characters that Unicode has as scripts, in pairs.
const (
	raised  = "0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺−⁻-⁻=⁼(⁽)⁾aᵃbᵇcᶜdᵈeᵉfᶠgᵍhʰiⁱjʲkᵏlˡmᵐnⁿoᵒpᵖrʳsˢtᵗuᵘvᵛwʷxˣyʸzᶻAᴬBᴮDᴰEᴱGᴳHᴴIᴵJᴶKᴷLᴸMᴹNᴺOᴼPᴾRᴿTᵀUᵁVⱽWᵂαᵅβᵝγᵞδᵟεᵋθᶿφᵠϕᵠχᵡ′′∗***⊤ᵀ"
	lowered = "0₀1₁2₂3₃4₄5₅6₆7₇8₈9₉+₊−₋-₋=₌(₍)₎aₐeₑhₕiᵢjⱼkₖlₗmₘnₙoₒpₚrᵣsₛtₜuᵤvᵥxₓβᵦγᵧρᵨφᵩϕᵩχᵪ"
)

// swapped has the raised characters as they are.
const swapped = "⁰⁰¹¹²²³³⁴⁴⁵⁵⁶⁶⁷⁷⁸⁸⁹⁹⁺⁺⁻⁻ⁿⁿᵀᵀ"

// script maps all of s; ok is false when a character has no such form.
func script(s, pairs string) (string, bool) {
	var b strings.Builder
	runes := []rune(pairs)
next:
	for _, r := range s {
		if r == ' ' {
			continue
		}
		for i := 0; i+1 < len(runes); i += 2 {
			if runes[i] == r {
				b.WriteRune(runes[i+1])
				continue next
			}
		}
		return "", false
	}
	return b.String(), true
}

// Superscript raises text: x² where Unicode can, ^(x/y) where not.
func Superscript(s string) string { return scripted(s, raised, "^") }

// Subscript lowers text.
func Subscript(s string) string { return scripted(s, lowered, "_") }

func scripted(s, pairs, mark string) string {
	if out, ok := script(s, pairs); ok {
		return out
	}
	if len([]rune(s)) == 1 {
		return mark + s
	}
	return mark + "(" + s + ")"
}
