package editor

// maxKills is how many killed texts are kept.
const maxKills = 16

// Registers hold what was copied and killed. Editors that share them (the cells of
// a workbench) can paste what another one copied.
type Registers struct {
	clip  string
	kills []string // the latest last
}

// Clip is what was copied or cut last.
func (r *Registers) Clip() string { return r.clip }

// SetClip is what a paste will bring, for text that came from elsewhere.
func (r *Registers) SetClip(text string) { r.clip = text }

// kill keeps killed text; one kill right after another adds to it, in the order
// the text stood.
func (r *Registers) kill(text string, adds, before bool) {
	if text == "" {
		return
	}
	if n := len(r.kills); adds && n > 0 {
		if before {
			r.kills[n-1] = text + r.kills[n-1]
		} else {
			r.kills[n-1] += text
		}
		return
	}
	r.kills = append(r.kills, text)
	if len(r.kills) > maxKills {
		r.kills = r.kills[1:]
	}
}

// killed is the nth latest kill, round and round; "" when there is none.
func (r *Registers) killed(n int) string {
	if len(r.kills) == 0 {
		return ""
	}
	return r.kills[len(r.kills)-1-n%len(r.kills)]
}
