// How an area of methods asks the person, or shows them something, over the program.

import { type Component, mount, unmount } from "svelte"
import { type Reach, Refusal } from "../session"
import { hostWords, say } from "../words"
import AskSheet from "./AskSheet.svelte"

/** Shows a sheet over the program until it answers; the program's end takes it away, with no answer. */
export async function show<Props extends Record<string, unknown>, Answer>(
	reach: Reach,
	sheet: Component<Props & { onanswer: (answer: Answer) => void }>,
	props: Props,
): Promise<Answer | null> {
	await hostWords.load()
	return new Promise((resolve) => {
		let there = true
		const leave = (answer: Answer | null) => {
			if (!there) return
			there = false
			resolve(answer)
			void unmount(view)
		}
		const view = mount(sheet, { target: document.body, props: { ...props, onanswer: leave } })
		reach.atEnd(() => leave(null))
	})
}

/** What the host asks in its own words before a program may have it. */
export type Question =
	| "call"
	| "sms"
	| "clipboard"
	| "contact"
	| "calendar"
	| "save"
	| "open"
	| "site"

/** Asks; a no is a refusal, which the program hears as "cancel". */
export async function ask(reach: Reach, question: Question, text: string): Promise<void> {
	await hostWords.load()
	const agreed = await show<{ title: string; by: string; text: string; yes: string }, boolean>(
		reach,
		AskSheet,
		{
			title: say(`ask.${question}.title`),
			by: reach.launch.name,
			text,
			yes: say(`ask.${question}.yes`),
		},
	)
	if (agreed !== true) throw new Refusal("cancel", "cancelled")
}
