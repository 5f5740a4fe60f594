import { toasts } from "../../lib/toasts.svelte"
import { t } from "../words"

/** Puts a text on the clipboard and says so; without a secure address there is none, which is said too. */
export async function copy(text: string): Promise<void> {
	try {
		await navigator.clipboard.writeText(text)
		toasts.show(t("links.copied"), { tone: "good" })
	} catch {
		toasts.show(t("links.not_copied"), { tone: "bad" })
	}
}
