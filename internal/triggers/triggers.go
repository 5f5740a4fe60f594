// Package triggers runs the functions of programs that nobody called: because their timer is due, or because
// something has happened that they listen to.
package triggers
