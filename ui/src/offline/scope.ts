// What the service worker may answer, by address alone: the client's own page and files. Everything of the API, of
// the consoles, of PocketBase and of programs goes to the network as if there were no worker.

/** Paths that are never the client's page. */
const FOREIGN = /^\/(?:api|_|mp|frame|console|assets|\.well-known)(?:\/|$)/

/** Whether opening this path shows the client, whatever page of it. */
export function isPage(path: string): boolean {
	return !FOREIGN.test(path) && !/\.[^/]*$/.test(path)
}
