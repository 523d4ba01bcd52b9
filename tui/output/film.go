package output

import (
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/render"
	"nbterm/render/raster"
	"nbterm/tui/images"
)

// film is an animation that plays. Between a frame and the next nothing else holds
// the reel, so commands may use it off the program's goroutine.
type film struct {
	id    int // of this playing; messages of others are dropped
	reel  *raster.Reel
	shown *drawn
	delay time.Duration
	look  look
	layer *images.Layer
}

// filmMsg brings a frame; tickMsg says that it has been seen long enough.
type (
	filmMsg struct {
		id    int
		reel  *raster.Reel
		frame *drawn
		delay time.Duration
	}
	tickMsg struct{ id int }
)

// maxFilm is the memory, in bytes, that all frames of an animation may take.
const maxFilm = 128 << 20

// errStill is what is told of a picture with one frame, or of too many.
var errStill = errors.New("there is nothing to play, or it is too large")

const typeGIF = "image/gif"

// still says why nothing can be played.
func (s *Screen) still() string {
	if s.formName() != typeGIF {
		return "this is no animation"
	}
	return ""
}

// play starts the animation, or stops it.
func (s *Screen) play() tea.Cmd {
	id := s.film.id + 1
	if s.film.reel != nil {
		s.film = film{id: id}
		return nil
	}
	s.film = film{id: id, look: s.want, layer: s.Images}
	l, layer := s.want, s.Images
	return func() tea.Msg {
		data, err := l.out.Bundle().Bytes(typeGIF)
		if err != nil {
			return nil
		}
		reel, err := raster.OpenReel(data, maxFilm)
		if err != nil {
			return savedMsg{err: errStill}
		}
		return frameOf(id, reel, l, layer)
	}
}

// frameOf draws the next frame.
func frameOf(id int, reel *raster.Reel, l look, layer *images.Layer) filmMsg {
	img, delay := reel.Next()
	d := &drawn{look: l}
	d.rows, d.pictures = layer.Mark(render.Raster(img, l.ctx))
	return filmMsg{id, reel, d, delay}
}

func (f *film) got(m filmMsg) {
	if m.id == f.id {
		f.reel, f.shown, f.delay = m.reel, m.frame, m.delay
	}
}

// tick waits as long as the frame stays.
func (f *film) tick() tea.Cmd {
	if f.reel == nil {
		return nil
	}
	id := f.id
	return tea.Tick(f.delay, func(time.Time) tea.Msg { return tickMsg{id} })
}

// next draws the frame after the one that is shown.
func (f *film) next(m tickMsg) tea.Cmd {
	if m.id != f.id || f.reel == nil {
		return nil
	}
	id, reel, l, layer := f.id, f.reel, f.look, f.layer
	return func() tea.Msg { return frameOf(id, reel, l, layer) }
}

// frame is the frame that is shown, nil when nothing plays.
func (f *film) frame() *drawn { return f.shown }
