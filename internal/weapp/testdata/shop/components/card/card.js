Component({ options: { styleIsolation: "apply-shared" }, properties: { title: String } })
