// A program counts something of itself: one of its own events joins what the host counts of its use.

import { type FrameMessage, isFields, words } from "../checks"
import { badArgs, type Reach } from "../session"

const NAME = 64
const FIELDS = 10

export async function run({ hands }: Reach, { args }: FrameMessage): Promise<object> {
	if (!isFields(args)) throw badArgs
	const name = words(args.name, NAME)
	if (name === "") throw badArgs
	const data: Record<string, string | number | boolean> = {}
	for (const [field, value] of Object.entries(isFields(args.data) ? args.data : {}).slice(
		0,
		FIELDS,
	)) {
		if (field.length > NAME) continue
		if (typeof value === "string") data[field] = words(value, NAME)
		else if (typeof value === "boolean" || Number.isFinite(value))
			data[field] = value as number | boolean
	}
	hands.reported(name, data)
	return {}
}
