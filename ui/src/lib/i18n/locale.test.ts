import { expect, it, vi } from "vitest"

vi.hoisted(() => vi.stubGlobal("navigator", { languages: ["en-GB"], onLine: true }))

import { pickLocale, regionTag } from "./locale.svelte"

it("speaks the first wanted language that it knows", () => {
	expect(pickLocale(["de-DE", "fr-CA", "en-US"])).toBe("fr")
	expect(pickLocale(["zh-Hant-TW"])).toBe("zh")
	expect(pickLocale(["de", "pt-BR"])).toBe("en")
	expect(pickLocale([])).toBe("en")
})

it("keeps the reader's region for dates and money", () => {
	expect(regionTag("en", ["en-AU", "fr-FR"])).toBe("en-AU")
	expect(regionTag("fr", ["en-AU"])).toBe("fr-FR")
	expect(regionTag("en", ["en"])).toBe("en-GB")
})
