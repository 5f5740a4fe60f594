// The regions of the picker: France and China, whose lists are fetched when somebody first opens one. A region is its
// code, its name, and what is in it.

export type Region = [code: string, name: string, inside: Region[]]

/** All of both lands; the one of the person's language stands first. */
export async function run(): Promise<unknown> {
	const [france, china] = await Promise.all([
		import("../regions/france").then((list) => list.france()),
		import("../regions/china").then((list) => list.china()),
	])
	const chinese = document.documentElement.lang.startsWith("zh")
	return { regions: chinese ? [...china, ...france] : [...france, ...china] }
}
