// want: function_timeout
for (;;) {}
