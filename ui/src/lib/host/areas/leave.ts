// Leaving a program, for where the person came from or for another program. Another one opens only if the person says
// so: they see its name, as the house has it.

import { client } from "../../api"
import { type FrameMessage, isFields, words } from "../checks"
import { LIMITS } from "../protocol"
import { badArgs, type Reach, Refusal } from "../session"
import { ask } from "./ask"

export async function run(reach: Reach, { args }: FrameMessage): Promise<object> {
	const { appid, path } = isFields(args) ? args : {}
	if (appid === undefined) {
		reach.hands.leave(null)
		return {}
	}
	if (typeof appid !== "string" || !/^[\w-]{1,64}$/.test(appid)) throw badArgs
	await ask(reach, "open", await nameOf(appid))
	reach.hands.leave({ appid, path: words(path, LIMITS.path) })
	return {}
}

/** The name of a program that anybody may open. */
async function nameOf(appid: string): Promise<string> {
	const pb = await client()
	const found = await pb
		.collection("programs")
		.getFirstListItem<{ name: string; status: string }>(pb.filter("appid = {:appid}", { appid }), {
			fields: "name,status",
		})
		.catch(() => null)
	if (found?.status !== "live") throw new Refusal("there is no such program", "program_not_found")
	return found.name
}
