package check

import (
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"time"
)

// The elements of JUnit's format that servers of continuous integration read.
type (
	xmlSuites struct {
		XMLName  xml.Name   `xml:"testsuites"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Time     string     `xml:"time,attr"`
		Suites   []xmlSuite `xml:"testsuite"`
	}
	xmlSuite struct {
		Name     string    `xml:"name,attr"`
		Tests    int       `xml:"tests,attr"`
		Failures int       `xml:"failures,attr"`
		Errors   int       `xml:"errors,attr"`
		Skipped  int       `xml:"skipped,attr"`
		Time     string    `xml:"time,attr"`
		Stamp    string    `xml:"timestamp,attr"`
		Cases    []xmlCase `xml:"testcase"`
	}
	xmlCase struct {
		Class   string    `xml:"classname,attr"`
		Name    string    `xml:"name,attr"`
		Time    string    `xml:"time,attr"`
		Failure *xmlFault `xml:"failure"`
		Error   *xmlFault `xml:"error"`
		Skipped *xmlFault `xml:"skipped"`
	}
	xmlFault struct {
		Message string `xml:"message,attr"`
		Detail  string `xml:",chardata"`
	}
)

// JUnit writes a report as JUnit's XML; at is when the run began.
func (r *Report) JUnit(w io.Writer, at time.Time) error {
	s := xmlSuite{
		Name: plain(r.Name), Tests: len(r.Cases), Failures: r.Count(Failed), Errors: r.Count(Missing), Skipped: r.Count(Skipped),
		Time: seconds(r.Took), Stamp: at.UTC().Format("2006-01-02T15:04:05"),
	}
	for _, c := range r.Cases {
		x := xmlCase{Class: s.Name, Name: plain(c.Name), Time: seconds(c.Took)}
		fault := &xmlFault{plain(c.Message), plain(c.Detail)}
		switch c.Result {
		case Failed:
			x.Failure = fault
		case Missing:
			x.Error = fault
		case Skipped:
			x.Skipped = fault
		}
		s.Cases = append(s.Cases, x)
	}
	data, err := xml.MarshalIndent(xmlSuites{Tests: s.Tests, Failures: s.Failures, Errors: s.Errors, Time: s.Time, Suites: []xmlSuite{s}}, "", "  ")
	if err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	_, err = io.WriteString(w, xml.Header+string(data)+"\n")
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// escapes are what kernels colour tracebacks with.
var escapes = regexp.MustCompile("\x1b\\[[0-9;:]*[A-Za-z]")

func plain(s string) string { return escapes.ReplaceAllString(s, "") }
