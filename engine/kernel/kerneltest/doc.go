// Package kerneltest is what tests of kernels share: the suite that every
// transport must pass (Run), a client that collects what a cell says (Client) and
// a kernel without a process, played from a script (NewScripted).
package kerneltest
