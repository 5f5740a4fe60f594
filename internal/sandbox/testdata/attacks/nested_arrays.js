// want: function_memory function_timeout function_recursion function_error
exports.main = () => { let a = []; for (let i = 0; i < 3e6; i++) a = [a]; return JSON.stringify(a).length }
