// Scripts of the build that a frame wants only sometimes. The frame's policy lets them run by their hash; the name is
// checked, so that a frame learns no other file by it.

import { type FrameMessage, isFields } from "../checks"
import { scriptText } from "../packages"
import { badArgs, type Reach } from "../session"

const NAME = /^frame-map-[\w-]{8}\.js$/

export async function run(_reach: Reach, { args }: FrameMessage): Promise<unknown> {
	const name = isFields(args) ? args.name : undefined
	if (typeof name !== "string" || !NAME.test(name)) throw badArgs
	return { text: await scriptText(`/frame/${name}`) }
}
