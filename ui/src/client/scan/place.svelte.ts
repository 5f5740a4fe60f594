/** The shop that the person is in, as they last said; kept on this device. */

const storageKey = "plaza.place"

class ChosenPlace {
	id: string = $state(read())

	choose(id: string): void {
		this.id = id
		try {
			localStorage.setItem(storageKey, id)
		} catch {
			// Without storage the choice lasts as long as the page.
		}
	}
}

function read(): string {
	try {
		return localStorage.getItem(storageKey) ?? ""
	} catch {
		return ""
	}
}

export const chosenPlace = new ChosenPlace()
