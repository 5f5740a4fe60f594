Page({ data: { name: "world" } })
