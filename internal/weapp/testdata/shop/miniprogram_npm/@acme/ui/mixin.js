exports.mixin = 1
