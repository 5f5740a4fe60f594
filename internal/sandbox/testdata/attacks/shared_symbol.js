// want: ok
Symbol.for('left'); exports.main = () => 1
