// What leads out of a program: a link to another site, and a page to share. Neither happens without a tap of the
// person on a sheet of the host's.

import { checkShared, type FrameMessage, isFields } from "../checks"
import { pageLink } from "../pagelink"
import { badArgs, type Reach, Refusal } from "../session"
import type { ShareCard } from "../share"
import { ask, show } from "./ask"
import SharePage from "./SharePage.svelte"

/** Characters of an address that may be opened. */
const LONGEST = 4_000

export async function run(reach: Reach, { method, args }: FrameMessage): Promise<unknown> {
	switch (method) {
		case "openLink": {
			const url = linkOf(isFields(args) ? args.url : undefined)
			await ask(reach, "site", url.host)
			window.open(url.href, "_blank", "noopener,noreferrer")
			return {}
		}
		case "sharePage": {
			const shared = checkShared(args)
			const { launch } = reach
			const card: ShareCard = {
				name: launch.name,
				icon: launch.icon,
				color: launch.color,
				title: shared?.title ?? "",
				link: pageLink(location.origin, launch.appid, shared?.path ?? ""),
				picture: shared?.imageUrl ? `${launch.frame}res/${shared.imageUrl.replace(/^\//, "")}` : "",
			}
			await show<{ card: ShareCard }, true>(reach, SharePage, { card })
			return {}
		}
	}
	throw new Refusal("not supported", "not_supported")
}

/** An address that may be opened: encrypted, and without a name and password that would hide where it leads. */
export function linkOf(given: unknown): URL {
	if (typeof given !== "string" || given.length > LONGEST || !URL.canParse(given)) throw badArgs
	const url = new URL(given)
	if (url.protocol === "http:") url.protocol = "https:"
	if (url.protocol !== "https:" || url.username || url.password) throw badArgs
	return url
}
