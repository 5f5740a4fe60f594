// Video and audio of the package, by the browser's own players.

import { isCloud, locate } from "../cloudlinks"
import type { Builtin, Drawn, Self } from "./builtin"
import { resource } from "./media"

type Player = HTMLVideoElement | HTMLAudioElement

const EVENTS = ["play", "pause", "ended", "waiting", "seeked"]

function playing({ node, get, emit, owner }: Self, player: Player) {
	node.append(player)
	for (const name of EVENTS)
		player.addEventListener(name, () => emit(name === "seeked" ? "seekcomplete" : name, {}))
	player.addEventListener("timeupdate", () =>
		emit("timeupdate", { currentTime: player.currentTime, duration: player.duration }),
	)
	player.addEventListener("loadedmetadata", () =>
		emit("loadedmetadata", {
			duration: player.duration,
			...(player instanceof HTMLVideoElement
				? { width: player.videoWidth, height: player.videoHeight }
				: {}),
		}),
	)
	player.addEventListener("error", () => {
		if (player.hasAttribute("src")) emit("error", { errMsg: player.error?.message ?? "" })
	})
	return () => {
		const given = get<string>("src")
		const source = resource(given, owner)
		const load = (address: string) => {
			if (get<string>("src") === given && player.getAttribute("src") !== address)
				player.src = address
		}
		if (source === "") player.removeAttribute("src")
		else if (isCloud(given)) locate(given, load)
		else load(source)
		player.loop = get<boolean>("loop")
		player.controls = get<boolean>("controls")
	}
}

/** What `wx.createVideoContext` and `NodesRef.context()` answer. */
export function videoContext(find: () => HTMLVideoElement | null): object {
	return {
		play: () =>
			void find()
				?.play()
				.catch(() => {}),
		pause: () => find()?.pause(),
		stop() {
			const video = find()
			if (!video) return
			video.pause()
			video.currentTime = 0
		},
		seek(seconds: number) {
			const video = find()
			if (video) video.currentTime = seconds
		},
		playbackRate(rate: number) {
			const video = find()
			if (video) video.playbackRate = rate
		},
		requestFullScreen: () =>
			void find()
				?.requestFullscreen?.()
				.catch(() => {}),
		exitFullScreen: () => void document.exitFullscreen?.().catch(() => {}),
		sendDanmu() {},
		showStatusBar() {},
		hideStatusBar() {},
	}
}

const video: Builtin = {
	tag: "video",
	slot: false,
	speaks: [...EVENTS, "timeupdate", "loadedmetadata", "error"],
	properties: {
		src: "",
		controls: true,
		autoplay: false,
		loop: false,
		muted: false,
		initialTime: 0,
		objectFit: "contain",
		poster: "",
		title: "",
		direction: 0,
		duration: null,
		showCenterPlayBtn: true,
		showPlayBtn: true,
		showFullscreenBtn: true,
		showProgress: true,
		enableProgressGesture: true,
	},
	setup(self) {
		const player = document.createElement("video")
		player.playsInline = true
		const base = playing(self, player)
		;(self.node as Drawn).answers = videoContext(() => player)
		const draw = () => {
			base()
			player.muted = self.get<boolean>("muted")
			player.style.objectFit = self.get<string>("objectFit")
			player.poster = resource(self.get<string>("poster"), self.owner)
			player.setAttribute("aria-label", self.get<string>("title"))
		}
		player.addEventListener("fullscreenchange", () =>
			self.emit("fullscreenchange", {
				fullScreen: document.fullscreenElement === player,
				direction: "vertical",
			}),
		)
		return {
			attached() {
				draw()
				if (self.get<number>("initialTime")) player.currentTime = self.get<number>("initialTime")
				player.autoplay = self.get<boolean>("autoplay")
			},
			changed: draw,
			detached: () => player.pause(),
		}
	},
}

const audio: Builtin = {
	tag: "audio",
	slot: false,
	speaks: [...EVENTS, "timeupdate", "loadedmetadata", "error"],
	properties: { src: "", controls: false, loop: false, poster: "", name: "", author: "" },
	setup(self) {
		const player = document.createElement("audio")
		const draw = playing(self, player)
		return { attached: draw, changed: draw, detached: () => player.pause() }
	},
}

export const players: Builtin[] = [video, audio]
