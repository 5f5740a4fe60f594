// Where the person is, and places: all of it is the host's to know and to show.

import type { HostPort } from "../port"
import type { Implementation } from "./api"

/** The asynchronous ones. Positions are WGS 84; outside of China gcj02 is the same. */
export function locationApi(port: HostPort): Record<string, Implementation> {
	const { call } = port
	return {
		getLocation: ({ isHighAccuracy, highAccuracyExpireTime }) =>
			call("getLocation", { isHighAccuracy, highAccuracyExpireTime }),
		getFuzzyLocation: () => call("getLocation", { fuzzy: true }),
		startLocationUpdate: () => call("watchLocation", { on: true }),
		stopLocationUpdate: () => call("watchLocation", { on: false }),
		openLocation: ({ latitude, longitude, name, address }) =>
			call("openLocation", {
				latitude: Number(latitude),
				longitude: Number(longitude),
				name,
				address,
			}),
		chooseLocation: () => call("chooseLocation"),
		choosePoi: async () => ({ type: 1, ...((await call("chooseLocation")) as object) }),
	}
}
