// want: no_such_function
}); globalThis.escaped = 1; (function () {
