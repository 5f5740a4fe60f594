// Scores as WeChat's games keep them: under a key, which here is a leaderboard of the program.

import type { HostPort } from "../port"
import type { Implementation } from "../wx/api"

interface Kept {
	key?: unknown
	value?: unknown
}

/** The number in what a game keeps: itself, or WeChat's JSON around it. */
export function scoreOf(value: unknown): number | undefined {
	const text = String(value ?? "").trim()
	if (text === "") return undefined
	if (Number.isFinite(Number(text))) return Number(text)
	try {
		const told = JSON.parse(text) as { wxgame?: { score?: unknown }; score?: unknown }
		const score = Number(told.wxgame?.score ?? told.score)
		return Number.isFinite(score) ? score : undefined
	} catch {
		return undefined
	}
}

/** The asynchronous ones: each score is a play of its own, which the board may refuse. */
export function scoresApi(port: HostPort): Record<string, Implementation> {
	const bridge = (method: string, args: object) => port.call("bridge", { method, args })
	return {
		setUserCloudStorage: async ({ KVDataList }) => {
			if (!Array.isArray(KVDataList))
				throw new Error("parameter error: parameter.KVDataList should be Array")
			for (const { key, value } of KVDataList as Kept[]) {
				const score = scoreOf(value)
				if (score === undefined) throw new Error(`the value of ${String(key)} is no score`)
				const board = String(key)
				const { play } = (await bridge("leaderboards.play", { board })) as { play: string }
				await bridge("leaderboards.submit", { board, play, score })
			}
		},
	}
}
