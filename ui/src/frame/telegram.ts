// `Telegram.WebApp` for programs that were written for Telegram: every name of its Bot API 8.0, over the bridge that
// any web program has. What this house has works; what only Telegram has answers as a client does that cannot do it.

import type { Theme } from "../lib/host/protocol"
import { PALETTES } from "../lib/host/telegram"
import { asks } from "./telegramasks"
import { Bar } from "./telegrambuttons"
import { biometricManager, insetOf, locationManager, sensors } from "./telegramdevice"
import { Events, type Heard } from "./telegramevents"
import { hexOf, isAtLeast, isDark, startOf } from "./telegramstart"
import { cloudStorage, deviceStorage, secureStorage } from "./telegramstorage"
import { INSIDE, type Inside } from "./web"

type Answer = ((...details: unknown[]) => void) | undefined
interface Plaza {
	storage: Parameters<typeof cloudStorage>[0]
	request(url: string): Promise<Response>
	share(what: object): Promise<unknown>
	close(): Promise<unknown>
}

/** Makes the object; `scope` has the bridge already. */
function telegram(scope: Window, inside: Inside, plaza: Plaza): Record<string, unknown> {
	const { connected, bar, back, on } = inside
	const start = startOf(scope.location.hash)
	const root = scope.document.documentElement
	const events = new Events()
	const call = async (method: string, args?: unknown) => (await connected).port.call(method, args)
	const cast = async (method: string, args?: unknown) => (await connected).port.cast(method, args)
	const quietly = (promise: Promise<unknown>) => void promise.catch(() => {})
	const warn = (name: string, why: string) => console.warn(`Telegram.WebApp.${name}: ${why}`)

	let theme = start.theme
	let taken = 0
	let insets = { top: 0, bottom: 0, left: 0, right: 0 } as Record<string, number>
	const colours: Record<string, string | null> = { header: null, background: null, bottom: null }
	const scheme = (): Theme => (isDark(theme.bg_color ?? "#ffffff") ? "dark" : "light")
	const height = () => scope.innerHeight - taken
	const set = (name: string, value: string) => root.style.setProperty(`--tg-${name}`, value)

	function dress(): void {
		set("color-scheme", scheme())
		for (const [name, colour] of Object.entries(theme))
			set(`theme-${name.replaceAll("_", "-")}`, colour)
		bottom.background = colours.bottom ?? theme.bottom_bar_bg_color ?? "#ffffff"
		bottom.draw()
	}
	function measure(stable = true): void {
		set("viewport-height", `${height()}px`)
		set("viewport-stable-height", `${height()}px`)
		events.tell("viewportChanged", { isStateStable: stable })
	}
	function inset(): void {
		for (const [side, pixels] of Object.entries(insets)) {
			set(`safe-area-inset-${side}`, "0px")
			set(`content-safe-area-inset-${side}`, `${pixels}px`)
		}
	}

	const bottom = new Bar(
		() => theme,
		(pixels) => {
			taken = pixels
			root.style.boxSizing = "border-box"
			root.style.paddingBottom = `${pixels}px`
			measure()
		},
	)
	for (const [name, button] of Object.entries(bottom.buttons)) {
		button.pressed = () => events.tell(`${name}ButtonClicked`)
		button.listen = (add, run) =>
			add ? events.on(`${name}ButtonClicked`, run) : events.off(`${name}ButtonClicked`, run)
	}

	const button = (event: string, shown: (visible: boolean) => void) => {
		let visible = false
		const made = {
			get isVisible() {
				return visible
			},
			set isVisible(wanted: boolean) {
				visible = Boolean(wanted)
				shown(visible)
			},
			show: () => {
				made.isVisible = true
				return made
			},
			hide: () => {
				made.isVisible = false
				return made
			},
			onClick: (heard: Heard) => {
				events.on(event, heard)
				return made
			},
			offClick: (heard: Heard) => {
				events.off(event, heard)
				return made
			},
		}
		return made
	}
	const backButton = button("backButtonClicked", (visible) => back(events, visible))
	const vibrate = (long: boolean) => void cast("vibrate", { long })
	const haptics = {
		impactOccurred: (style: string) => {
			if (!["light", "medium", "heavy", "rigid", "soft"].includes(style))
				throw new Error("WebAppHapticImpactStyleInvalid")
			vibrate(style === "heavy")
			return haptics
		},
		notificationOccurred: (type: string) => {
			if (!["error", "success", "warning"].includes(type))
				throw new Error("WebAppHapticNotificationTypeInvalid")
			vibrate(type === "error")
			return haptics
		},
		selectionChanged: () => {
			vibrate(false)
			return haptics
		},
	}
	const colour = (given: unknown, invalid: string) => {
		const found = theme[String(given)] ?? hexOf(given)
		if (!found) throw new Error(invalid)
		return found
	}
	const flag = (name: keyof typeof flags, value: boolean) => () => {
		flags[name] = value
	}
	const flags = { closing: false, vertical: true, active: true, whole: false }
	const whole = (wanted: boolean) => {
		flags.whole = wanted
		bar({ custom: wanted })
		quietly(
			connected.then(({ init }) => {
				insets = insetOf(init, wanted)
				inset()
				events.tell("fullscreenChanged")
				events.tell("contentSafeAreaChanged")
			}),
		)
	}
	const no = (event: string, answer?: Answer, detail: object = { error: "UNSUPPORTED" }) =>
		queueMicrotask(() => {
			events.tell(event, detail)
			events.run(answer, false)
		})

	async function save(url: string, name: string): Promise<void> {
		const answer = await plaza.request(url)
		const bytes = await answer.arrayBuffer()
		const type = answer.headers.get("content-type")?.split(";")[0] ?? ""
		await (await connected).port.carry("saveToDisk", { name, type }, bytes)
	}

	const webApp = {
		initData: start.initData,
		initDataUnsafe: start.initDataUnsafe,
		version: start.version,
		platform: start.platform,
		get colorScheme() {
			return scheme()
		},
		get themeParams() {
			return theme
		},
		isExpanded: true,
		get viewportHeight() {
			return height()
		},
		get viewportStableHeight() {
			return height()
		},
		get headerColor() {
			return colours.header ?? theme.header_bg_color
		},
		set headerColor(wanted) {
			webApp.setHeaderColor(wanted)
		},
		get backgroundColor() {
			return colours.background ?? theme.bg_color
		},
		set backgroundColor(wanted) {
			webApp.setBackgroundColor(wanted)
		},
		get bottomBarColor() {
			return colours.bottom ?? theme.bottom_bar_bg_color
		},
		set bottomBarColor(wanted) {
			webApp.setBottomBarColor(wanted)
		},
		get isClosingConfirmationEnabled() {
			return flags.closing
		},
		set isClosingConfirmationEnabled(wanted) {
			flags.closing = Boolean(wanted)
		},
		get isVerticalSwipesEnabled() {
			return flags.vertical
		},
		set isVerticalSwipesEnabled(wanted) {
			flags.vertical = Boolean(wanted)
		},
		get isActive() {
			return flags.active
		},
		get isFullscreen() {
			return flags.whole
		},
		isOrientationLocked: false,
		safeAreaInset: { top: 0, bottom: 0, left: 0, right: 0 },
		get contentSafeAreaInset() {
			return insets
		},

		BackButton: backButton,
		MainButton: bottom.buttons.main,
		SecondaryButton: bottom.buttons.secondary,
		SettingsButton: button("settingsButtonClicked", () => {}),
		HapticFeedback: haptics,
		CloudStorage: cloudStorage(plaza.storage),
		DeviceStorage: deviceStorage(plaza.storage),
		SecureStorage: secureStorage(),
		BiometricManager: biometricManager(events),
		LocationManager: locationManager(call, events),
		...sensors(call, events, connected),
		...asks(call, events, () => root.lang || navigator.language),

		isVersionAtLeast: (wanted: string) => isAtLeast(start.version, wanted),
		onEvent: (name: string, heard: Heard) => events.on(name, heard),
		offEvent: (name: string, heard: Heard) => events.off(name, heard),
		setHeaderColor(wanted: unknown) {
			const background = colour(wanted, "WebAppHeaderColorInvalid")
			colours.header = background
			bar({ background, front: isDark(background) ? "white" : "black" })
		},
		setBackgroundColor(wanted: unknown) {
			colours.background = colour(wanted, "WebAppBackgroundColorInvalid")
			root.style.backgroundColor = colours.background
		},
		setBottomBarColor(wanted: unknown) {
			colours.bottom = colour(wanted, "WebAppBottomBarColorInvalid")
			dress()
		},
		enableClosingConfirmation: flag("closing", true),
		disableClosingConfirmation: flag("closing", false),
		enableVerticalSwipes: flag("vertical", true),
		disableVerticalSwipes: flag("vertical", false),
		requestFullscreen: () => whole(true),
		exitFullscreen: () => whole(false),
		lockOrientation: () => {},
		unlockOrientation: () => {},
		addToHomeScreen: () => no("homeScreenFailed"),
		checkHomeScreenStatus: (answer?: Answer) =>
			queueMicrotask(() => {
				events.tell("homeScreenChecked", { status: "unsupported" })
				events.run(answer, "unsupported")
			}),
		sendData: () => warn("sendData", "no keyboard of a bot opened this program"),
		switchInlineQuery() {
			throw new Error("WebAppInlineModeDisabled")
		},
		openLink: (url: string) => quietly(call("openLink", { url: String(url) })),
		openTelegramLink(address: string, options?: unknown) {
			const url = URL.canParse(address) ? new URL(address) : null
			if (!url || !/^(t\.me|telegram\.me|telegram\.dog)$/.test(url.hostname))
				throw new Error("WebAppTgUrlInvalid")
			if (url.pathname === "/share/url" || url.pathname === "/share")
				quietly(plaza.share({ title: url.searchParams.get("text") ?? "" }))
			else warn("openTelegramLink", `Telegram is not here: ${address} was not opened`)
			void options
		},
		shareToStory: () => warn("shareToStory", "there are no stories here"),
		shareMessage: (_id: string, answer?: Answer) => no("shareMessageFailed", answer),
		setEmojiStatus: (_id: string, _params?: unknown, answer?: Answer) =>
			no("emojiStatusFailed", answer),
		requestEmojiStatusAccess: (answer?: Answer) =>
			no("emojiStatusAccessRequested", answer, { status: "cancelled" }),
		downloadFile(params: { url: string; file_name: string }, answer?: Answer) {
			save(params.url, params.file_name)
				.then(
					() => true,
					() => false,
				)
				.then((done) => {
					events.run(answer, done)
					events.tell("fileDownloadRequested", { status: done ? "downloading" : "cancelled" })
				})
		},
		hideKeyboard: () => (scope.document.activeElement as HTMLElement | null)?.blur?.(),
		invokeCustomMethod: (_name: string, _params: unknown, answer?: Answer) =>
			queueMicrotask(() => events.run(answer, "UNSUPPORTED")),
		ready: () => {},
		expand: () => {},
		close: () => quietly(plaza.close()),
	}
	events.owner = webApp

	on("back", () => backButton.isVisible && events.tell("backButtonClicked"))
	on("show", () => {
		flags.active = true
		events.tell("activated")
	})
	on("hide", () => {
		flags.active = false
		events.tell("deactivated")
	})
	on("theme", (event) => {
		if (event.ev !== "theme" || PALETTES[event.theme].bg_color === theme.bg_color) return
		theme = PALETTES[event.theme]
		dress()
		events.tell("themeChanged")
	})
	void connected.then(({ init }) => {
		if (scheme() === init.theme) return
		theme = PALETTES[init.theme]
		dress()
		events.tell("themeChanged")
	})
	scope.addEventListener("resize", () => measure())
	dress()
	measure()
	inset()
	return {
		WebApp: webApp,
		WebView: {
			initParams: start.params,
			isIframe: true,
			onEvent: webApp.onEvent,
			offEvent: webApp.offEvent,
			postEvent: () => {},
			receiveEvent: (name: string, detail: unknown) => events.tell(name, detail),
			callEventCallbacks: () => {},
		},
	}
}

const scope = window as unknown as Window & { Telegram?: unknown; plaza: Plaza }
const inside = (window as unknown as Record<symbol, Inside | undefined>)[INSIDE]
if (inside && !scope.Telegram) scope.Telegram = telegram(scope, inside, scope.plaza)
