// Package config is what a user may choose: plain structs, their defaults, and
// one loader that lays the file, the environment and the flags over them and
// reports every fault at once. It knows no screen and no kernel; cmd hands each
// package the values it asks for.
package config

import "time"

// Config is every setting. Default makes one; the zero value is not usable.
type Config struct {
	Theme  string // "auto", "dark", "light" or "plain"
	Mouse  bool
	Images string // "auto", or how pictures are shown: "kitty", "sixel", "iterm2", "blocks" or "none"
	Kernel Kernel
	Editor Editor
	Output Output
	Log    Log
	Jobs   Jobs
	S3     S3
	// History is what is kept of notebooks before they are saved.
	History History
	Cache   Cache
	Places
	Keys map[string][]string // action to the keys that start it, replacing its usual ones
}

// Kernel is how kernels are picked and started.
type Kernel struct {
	Default      string        // kernelspec for notebooks that name none; "" picks one
	StartTimeout time.Duration // from launch to the first answer
	Spare        bool          // keep one ready for the next notebook
	Life         string        // when one ends by itself: "keep", "idle" or "with-client"
	Idle         time.Duration // for "idle": how long one stays when nothing runs and nobody is there; 0 is for ever
}

// Editor is how cells are edited.
type Editor struct {
	TabWidth  int  // columns of a tab stop
	AutoClose bool // brackets and quotes close themselves
}

// Output is how outputs are shown.
type Output struct {
	MaxLines int // rows of one output before it folds; 0 never folds
}

// History bounds what the workbench keeps of what it saves over.
type History struct {
	Versions  int // of one notebook; 0 keeps none
	Days      int
	Megabytes int // of all of them
}

// Cache bounds what is kept of what was read from far away.
type Cache struct {
	Megabytes int // 0 keeps nothing
}

// Log is where the log goes.
type Log struct {
	Level string // "debug", "info", "warn", "error" or "off"
	File  string // "" is nbterm.log in the state folder
}

// Jobs is how scripts and queries run.
type Jobs struct {
	SQL       string // the kind of job that a .sql file is
	Templates string // folder of the user's templates; "" is none
}

// Default is what holds where nothing was chosen.
func Default() Config {
	return Config{
		Theme:   "auto",
		Mouse:   true,
		Images:  "auto",
		Kernel:  Kernel{StartTimeout: time.Minute, Life: "idle", Idle: 24 * time.Hour, Spare: true},
		Editor:  Editor{TabWidth: 4, AutoClose: true},
		Output:  Output{MaxLines: 60},
		Log:     Log{Level: "info"},
		Jobs:    Jobs{SQL: "sqlite"},
		S3:      S3{PathStyle: "auto"},
		History: History{Versions: 200, Days: 90, Megabytes: 1000},
		Cache:   Cache{Megabytes: 500},
		Places:  noPlaces(),
		Keys:    map[string][]string{},
	}
}
