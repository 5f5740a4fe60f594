// The first script of a web program's document.

import { run } from "./web"

run()
