// What leads out of a program: a link to another site, and a page to share. Neither happens without a tap of the
// person: on a sheet of the host's, but for a site that the program declares, which opens at the tap in the program.

import { checkShared, type FrameMessage, isFields } from "../checks"
import { pageLink } from "../pagelink"
import { type Reach, Refusal } from "../session"
import type { ShareCard } from "../share"
import { ask, show } from "./ask"
import { linkOf } from "./link"

export async function run(reach: Reach, { method, args }: FrameMessage): Promise<unknown> {
	switch (method) {
		case "openLink": {
			const url = linkOf(isFields(args) ? args.url : undefined)
			// A tap in the frame counts for the page around it; without one, a script alone would open sites.
			const tapped = navigator.userActivation?.isActive ?? false
			if (!tapped || !reach.launch.sites?.includes(url.host)) await ask(reach, "site", url.host)
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
			// Its picture of a code is large, and most programs share nothing by themselves.
			const { default: SharePage } = await import("./SharePage.svelte")
			await show<{ card: ShareCard }, true>(reach, SharePage, { card })
			return {}
		}
	}
	throw new Refusal("not supported", "not_supported")
}
