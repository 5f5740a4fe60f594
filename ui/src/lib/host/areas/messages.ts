// Asking the person for messages. The questions and the answers go between host and server alone: a program hears
// what was answered, and cannot answer itself.

import { send } from "../../api"
import { type FrameMessage, isFields, words } from "../checks"
import { badArgs, type Reach, Refusal } from "../session"
import { show } from "./ask"
import MessagesSheet, { type Answered, type Question } from "./MessagesSheet.svelte"

/** Templates in one question (WeChat's own number). */
const MOST = 3

export async function run(reach: Reach, { args }: FrameMessage): Promise<Answered> {
	const asked = isFields(args) && Array.isArray(args.templates) ? args.templates : []
	const codes = [...new Set(asked.map((code: unknown) => words(code)))]
	if (
		codes.length === 0 ||
		codes.length > MOST ||
		codes.some((code) => !/^[\w-]{1,64}$/.test(code))
	)
		throw badArgs
	const path = `/api/mp/${encodeURIComponent(reach.launch.appid)}/messages`
	const questions = await send<Question[]>(`${path}/questions`, {
		query: { codes: codes.join(",") },
	})
	const open = questions.filter(({ ban }) => !ban)
	const closed = Object.fromEntries(
		questions.filter(({ ban }) => ban).map(({ code }) => [code, "ban" as const]),
	)
	if (open.length === 0) return closed
	const { name } = reach.launch
	const answers = await show<{ name: string; questions: Question[] }, Answered>(
		reach,
		MessagesSheet,
		{
			name,
			questions: open,
		},
	)
	if (!answers) throw new Refusal("cancel", "cancelled")
	await send(`${path}/answers`, { body: { answers } })
	return { ...closed, ...answers }
}
