package latex

import (
	"strings"
	"sync"
)

// sym is what a command without parts stands for.
type sym struct {
	text   string
	class  class
	limits bool
}

// names lists commands and their characters by class; "·" marks those whose scripts
// stand above and below.
var names = []struct {
	class class
	list  string
}{
	{ord, `alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ varkappa ϰ
lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω digamma ϝ
Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
infty ∞ partial ∂ nabla ∇ hbar ℏ hslash ℏ ell ℓ Re ℜ Im ℑ wp ℘ aleph ℵ beth ℶ gimel ℷ daleth ℸ emptyset ∅ varnothing ∅ forall ∀ exists ∃ nexists ∄
neg ¬ lnot ¬ top ⊤ bot ⊥ angle ∠ measuredangle ∡ triangle △ square □ Box □ blacksquare ■ qed ∎ Diamond ◇ lozenge ◊ clubsuit ♣ diamondsuit ♢ heartsuit ♡ spadesuit ♠
prime ′ backprime ‵ degree ° dag † ddag ‡ S § P ¶ copyright © pounds £ yen ¥ euro € checkmark ✓ maltese ✠ imath ı jmath ȷ flat ♭ natural ♮ sharp ♯
ldots … dots … dotsc … dotso … cdots ⋯ dotsb ⋯ dotsm ⋯ dotsi ⋯ vdots ⋮ ddots ⋱ iddots ⋰ surd √ complement ∁ mho ℧ eth ð Finv Ⅎ bigstar ★ vert | Vert ‖ | ‖ backslash \ # # $ $ % % & & _ _
R ℝ N ℕ Z ℤ Q ℚ C ℂ aa å AA Å ae æ AE Æ oe œ OE Œ o ø O Ø ss ß`},
	{bin, `pm ± mp ∓ times × div ÷ cdot ⋅ ast ∗ star ⋆ circ ∘ bullet ∙ cap ∩ cup ∪ uplus ⊎ sqcap ⊓ sqcup ⊔ vee ∨ lor ∨ wedge ∧ land ∧ setminus ∖ smallsetminus ∖ wr ≀
diamond ⋄ oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ odot ⊙ bigcirc ◯ dagger † ddagger ‡ amalg ⨿ ltimes ⋉ rtimes ⋊ Join ⨝ bowtie ⋈ dotplus ∔ bmod mod boxplus ⊞ boxtimes ⊠ boxdot ⊡
triangleleft ◁ triangleright ▷ bigtriangleup △ bigtriangledown ▽ curlyvee ⋎ curlywedge ⋏ veebar ⊻ barwedge ⊼ intercal ⊺ divideontimes ⋇`},
	{rel, `le ≤ leq ≤ leqslant ⩽ ge ≥ geq ≥ geqslant ⩾ ne ≠ neq ≠ equiv ≡ sim ∼ simeq ≃ approx ≈ approxeq ≊ cong ≅ propto ∝ varpropto ∝ asymp ≍ doteq ≐ coloneqq ≔ eqqcolon ≕ triangleq ≜
ll ≪ gg ≫ lll ⋘ ggg ⋙ lesssim ≲ gtrsim ≳ lessgtr ≶ prec ≺ succ ≻ preceq ⪯ succeq ⪰ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ supsetneq ⊋ nsubseteq ⊈ sqsubseteq ⊑ sqsupseteq ⊒
in ∈ notin ∉ ni ∋ owns ∋ mid ∣ nmid ∤ parallel ∥ nparallel ∦ perp ⊥ vdash ⊢ dashv ⊣ models ⊨ vDash ⊨ Vdash ⊩ smile ⌣ frown ⌢ lt < gt > colon : therefore ∴ because ∵
to → rightarrow → gets ← leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹ impliedby ⟸ iff ⟺ mapsto ↦ longmapsto ⟼ longrightarrow ⟶ longleftarrow ⟵
Longrightarrow ⟹ Longleftarrow ⟸ longleftrightarrow ⟷ Longleftrightarrow ⟺ hookrightarrow ↪ hookleftarrow ↩ uparrow ↑ downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ Updownarrow ⇕
nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ rightharpoonup ⇀ rightharpoondown ⇁ leftharpoonup ↼ leftharpoondown ↽ rightleftharpoons ⇌ rightleftarrows ⇄ leadsto ⇝ rightsquigarrow ⇝
twoheadrightarrow ↠ nrightarrow ↛ nleftarrow ↚ nRightarrow ⇏ multimap ⊸ restriction ↾ upharpoonright ↾ trianglelefteq ⊴ trianglerighteq ⊵ vartriangle △ nsim ≁ ncong ≇ nleq ≰ ngeq ≱ nless ≮ ngtr ≯ between ≬`},
	{op, `·sum ∑ ·prod ∏ ·coprod ∐ ·bigcup ⋃ ·bigcap ⋂ ·bigvee ⋁ ·bigwedge ⋀ ·bigoplus ⨁ ·bigotimes ⨂ ·bigodot ⨀ ·biguplus ⨄ ·bigsqcup ⨆
int ∫ iint ∬ iiint ∭ oint ∮ oiint ∯ intop ∫ smallint ∫
sin sin cos cos tan tan cot cot sec sec csc csc arcsin arcsin arccos arccos arctan arctan sinh sinh cosh cosh tanh tanh coth coth
log log ln ln lg lg exp exp dim dim ker ker hom hom deg deg arg arg ·lim lim ·limsup limsup ·liminf liminf ·max max ·min min ·sup sup ·inf inf ·det det ·Pr Pr ·gcd gcd
·argmax argmax ·argmin argmin ·injlim injlim ·projlim projlim mod mod`},
	{opening, `lbrace { { { langle ⟨ lfloor ⌊ lceil ⌈ lvert | lVert ‖ lbrack [ llbracket ⟦ ulcorner ⌜ lgroup ( lmoustache ⎰`},
	{closing, `rbrace } } } rangle ⟩ rfloor ⌋ rceil ⌉ rvert | rVert ‖ rbrack ] rrbracket ⟧ urcorner ⌝ rgroup ) rmoustache ⎱`},
}

// symbols is the table of names, made on first use.
var symbols = sync.OnceValue(func() map[string]sym {
	table := make(map[string]sym, 512)
	for _, n := range names {
		words := strings.Fields(n.list)
		for i := 0; i+1 < len(words); i += 2 {
			name, limits := strings.CutPrefix(words[i], "·")
			table[name] = sym{words[i+1], n.class, limits}
		}
	}
	return table
})

// spaces are blanks by width in cells; negative ones are left out.
var spaces = map[string]int{
	" ": 1, ",": 1, ":": 1, ">": 1, ";": 1, "quad": 2, "qquad": 4, "enspace": 1, "thinspace": 1, "medspace": 1, "thickspace": 1, "space": 1, "nobreakspace": 1,
	"!": 0, "negthinspace": 0, "hfill": 2, "hskip": 1,
}

// accents are combining characters that follow what they stand over.
var accents = map[string]string{
	"hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308", "dddot": "\u20db", "tilde": "\u0303", "widetilde": "\u0303",
	"check": "\u030c", "breve": "\u0306", "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a", "overrightarrow": "\u20d7", "overleftarrow": "\u20d6",
}

// fonts are the alphabets that commands switch to; "" is the plain one.
var fonts = map[string]string{
	"mathbb": "bb", "mathcal": "cal", "mathscr": "cal", "mathfrak": "frak", "mathbf": "", "boldsymbol": "", "bm": "", "pmb": "", "bf": "", "boldmath": "", // few fonts have the bold letters
	"mathrm": "", "mathit": "", "mathsf": "", "mathtt": "", "mathnormal": "", "rm": "", "it": "", "sf": "", "tt": "", "cal": "cal", "Bbb": "bb", "frak": "frak", "operatorfont": "",
}

// skipped commands change only sizes and the like.
var skipped = map[string]bool{
	"displaystyle": true, "textstyle": true, "scriptstyle": true, "scriptscriptstyle": true, "nonumber": true, "notag": true, "mathstrut": true, "strut": true, "relax": true,
	"tiny": true, "small": true, "normalsize": true, "large": true, "Large": true, "LARGE": true, "huge": true, "Huge": true, "allowbreak": true, "nolinebreak": true,
	"noindent": true, "centering": true, "protect": true, "hfil": true, "null": true, "/": true, "-": true,
}

// letters of the alphabets that stand outside of their block in Unicode.
var strays = map[string]string{
	"bbC": "ℂ", "bbH": "ℍ", "bbN": "ℕ", "bbP": "ℙ", "bbQ": "ℚ", "bbR": "ℝ", "bbZ": "ℤ",
	"calB": "ℬ", "calE": "ℰ", "calF": "ℱ", "calH": "ℋ", "calI": "ℐ", "calL": "ℒ", "calM": "ℳ", "calR": "ℛ", "cale": "ℯ", "calg": "ℊ", "calo": "ℴ",
	"frakC": "ℭ", "frakH": "ℌ", "frakI": "ℑ", "frakR": "ℜ", "frakZ": "ℨ",
}

// blocks of Unicode with the letters A and a, and the digit 0, of an alphabet.
var blocks = map[string][3]rune{"bb": {0x1d538, 0x1d552, 0x1d7d8}, "cal": {0x1d49c, 0x1d4b6, 0}, "frak": {0x1d504, 0x1d51e, 0}}

// fontLetter gives a character in an alphabet.
func fontLetter(font, c string) string {
	if s, ok := strays[font+c]; ok {
		return s
	}
	b, ok := blocks[font]
	if !ok || len(c) != 1 {
		return c
	}
	switch r := rune(c[0]); {
	case r >= 'A' && r <= 'Z':
		return string(b[0] + r - 'A')
	case r >= 'a' && r <= 'z':
		return string(b[1] + r - 'a')
	case r >= '0' && r <= '9' && b[2] > 0:
		return string(b[2] + r - '0')
	}
	return c
}
