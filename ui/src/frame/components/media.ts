import { isCloud, locate } from "../cloudlinks"
import { join } from "../modules"
import { remote } from "../remote"
import type { Builtin } from "./builtin"

/** Pictures that the house shows to every program, as its bridge names them. */
const HOUSE = /^\/api\/nearby\/photos\//

/** Where a program's own file is served: beside the frame document. A picture of another host comes through the house. */
export function resource(source: string, owner: string): string {
	if (HOUSE.test(source)) return source
	if (source === "" || /^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(source)) return remote(source)
	return `res/${join(owner, source).split("/").map(encodeURIComponent).join("/")}`
}

/** How a picture sits in its box is CSS by the `mode` attribute. */
const picture = (tag: string): Builtin => ({
	tag,
	slot: false,
	speaks: ["load", "error"],
	properties: {
		src: "",
		mode: "scaleToFill",
		lazyLoad: false,
		webp: false,
		showMenuByLongpress: false,
		fadeIn: false,
	},
	setup(self) {
		const { node, get, emit } = self
		const picture = document.createElement("img")
		picture.alt = ""
		picture.draggable = false
		node.append(picture)
		// What does not load shows nothing, as in WeChat, and not the browser's sign.
		const broken = (is: boolean) => picture.toggleAttribute("broken", is)
		picture.addEventListener("error", () => broken(true))
		picture.addEventListener("load", () => {
			broken(false)
			emit("load", { width: picture.naturalWidth, height: picture.naturalHeight })
		})
		picture.addEventListener("error", () =>
			emit("error", { errMsg: `GET ${get<string>("src")} failed` }),
		)
		const show = () => {
			const source = get<string>("src")
			if (isCloud(source))
				locate(source, (address) => {
					if (get<string>("src") === source) picture.src = address
				})
			else if (source) picture.src = resource(source, self.owner)
			else picture.removeAttribute("src")
		}
		return {
			attached() {
				node.setAttribute("mode", get<string>("mode"))
				picture.loading = get<boolean>("lazyLoad") ? "lazy" : "eager"
				show()
			},
			changed(name, value) {
				if (name === "src") show()
				if (name === "ariaLabel") picture.alt = String(value ?? "")
				if (name === "mode") {
					node.setAttribute("mode", String(value))
				}
			},
		}
	},
})

export const images: Builtin[] = [picture("image"), picture("cover-image")]
