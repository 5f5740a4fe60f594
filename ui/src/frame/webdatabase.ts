// The client of the cloud database for web programs that name it: it is larger than all the rest of the bridge.

import { createDatabase } from "../../../internal/sandbox/sdk/database.js"
import { INSIDE, type Inside } from "./web"

document.currentScript?.remove()
const { connected, database } = (window as unknown as Record<symbol, Inside>)[INSIDE] as Inside
database(
	createDatabase({
		call: async (method, args) => (await connected).port.call("bridge", { method, args }),
		server: false,
		later: (run, after) => void setTimeout(run, after),
	}),
)
