import { language } from "../../lib/i18n/locale.svelte"
import type { ProgramCard } from "../../lib/records"
import { inWords } from "../../lib/refusal"
import { toasts } from "../../lib/toasts.svelte"
import { nameOf } from "../store/texts"
import { t } from "../words"
import { shelf } from "./shelf.svelte"

/** Puts these programs on the shelf in this order, at once, and offers the way back. */
async function keepThese(programs: ProgramCard[], words: string): Promise<void> {
	const before = shelf.mine?.favorites ?? []
	try {
		await shelf.keep(programs)
		toasts.show(words, { undo: () => void shelf.keep(before).catch(complain) })
	} catch (error) {
		complain(error)
	}
}

/** Keeps a program at hand, or no longer. */
export async function toggleKept(program: ProgramCard): Promise<void> {
	const name = nameOf(program, language.current)
	try {
		const before = await shelf.favorites()
		const others = before.filter(({ appid }) => appid !== program.appid)
		if (others.length < before.length) await keepThese(others, t("launcher.unkept", { name }))
		else await keepThese([...before, program], t("launcher.kept", { name }))
	} catch (error) {
		complain(error)
	}
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
