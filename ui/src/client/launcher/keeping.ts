import { language } from "../../lib/i18n/locale.svelte"
import type { ProgramCard } from "../../lib/records"
import { inWords } from "../../lib/refusal"
import { toasts } from "../../lib/toasts.svelte"
import { nameOf } from "../store/texts"
import { t } from "../words"
import { shelf } from "./shelf.svelte"

/** Puts these programs on the shelf in this order, at once, and offers the way back. */
export async function keepThese(programs: ProgramCard[], words: string): Promise<void> {
	const before = shelf.mine?.favorites ?? []
	try {
		await shelf.keep(programs)
		toasts.show(words, { undo: () => void shelf.keep(before).catch(complain) })
	} catch (error) {
		complain(error)
	}
}

/** Keeps a program at hand, or no longer. */
export function toggleKept(program: ProgramCard): Promise<void> {
	const name = nameOf(program, language.current)
	const before = shelf.mine?.favorites ?? []
	return shelf.keeps(program.appid)
		? keepThese(
				before.filter(({ appid }) => appid !== program.appid),
				t("launcher.unkept", { name }),
			)
		: keepThese([...before, program], t("launcher.kept", { name }))
}

/** Takes a program, or all of them, out of what was used last. */
export async function forget(program?: ProgramCard): Promise<void> {
	try {
		await shelf.forget(program?.appid)
		if (program === undefined) toasts.show(t("launcher.recents_cleared"))
	} catch (error) {
		complain(error)
	}
}

function complain(error: unknown): void {
	toasts.show(inWords(error), { tone: "bad" })
}
