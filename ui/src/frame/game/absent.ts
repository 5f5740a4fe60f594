// What a game may make and never gets: buttons and banners that WeChat lays over the game. They may be called and
// listened to; nothing is shown, and nothing is ever tapped.

import { noAdvertisement } from "../wx/skyline"

/** A button that is not there. */
function noButton(options: { type?: string; text?: string; style?: object } = {}): object {
	return {
		...options,
		style: { ...options.style },
		show() {},
		hide() {},
		destroy() {},
		onTap() {},
		offTap() {},
		onLoad() {},
		onError() {},
		offError() {},
		onResize() {},
		offResize() {},
	}
}

/** A banner: no advertisement comes, and it has a place that takes none. */
function noBanner(options: { style?: object } = {}): object {
	return {
		...noAdvertisement(),
		style: { left: 0, top: 0, width: 0, height: 0, realWidth: 0, realHeight: 0, ...options.style },
		hide() {},
		onResize() {},
		offResize() {},
		onHide() {},
		offHide() {},
		isShow: () => false,
	}
}

/** Makers of such things, and what is true of every game here. */
export const nearlyGames: Record<string, unknown> = {
	createUserInfoButton: noButton,
	createOpenSettingButton: noButton,
	createGameClubButton: noButton,
	createFeedbackButton: noButton,
	createBannerAd: noBanner,
	createGridAd: noBanner,
	createCustomAd: noBanner,
	createGamePortal: noBanner,
	createGameIcon: noBanner,
	createGameBanner: noBanner,
	onShareAppMessage() {},
	offShareAppMessage() {},
	onShareTimeline() {},
	onAddToFavorites() {},
	onAudioInterruptionBegin() {},
	onAudioInterruptionEnd() {},
	onMemoryWarning() {},
	getLaunchStatus: () => "",
	setCursor: () => false,
	requestPointerLock() {},
	isPointerLocked: () => false,
	reportUserBehaviorBranchAnalytics() {},
	reportScene() {},
	setHandoffQuery: () => false,
	setMessageToFriendQuery: () => false,
	getTextLineHeight: ({ fontSize = 16 }: { fontSize?: number } = {}) => fontSize * 1.4,
}
