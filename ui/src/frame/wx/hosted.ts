// What the host draws or does in a program's name, alike for apps and for games.

import { HostError, type HostPort } from "../port"
import { failure, type Implementation } from "./api"

/** Toasts, dialogs and sheets: a program cannot draw them, so it cannot forge the host's either. */
export function drawnByHost(port: HostPort): Record<string, Implementation> {
	return {
		showToast: ({ title, icon, duration, mask }) =>
			port.cast("toast", {
				title: String(title ?? ""),
				icon: icon ?? "success",
				duration: duration ?? 1500,
				mask: Boolean(mask),
			}),
		showLoading: ({ title, mask }) =>
			port.cast("toast", {
				title: String(title ?? ""),
				icon: "loading",
				duration: 0,
				mask: Boolean(mask),
			}),
		hideToast: () => port.cast("toast", null),
		hideLoading: () => port.cast("toast", null),
		showModal: ({
			title,
			content,
			showCancel,
			cancelText,
			confirmText,
			editable,
			placeholderText,
		}) =>
			port.call("modal", {
				title,
				content,
				showCancel: showCancel !== false,
				cancelText,
				confirmText,
				editable: Boolean(editable),
				placeholderText,
			}),
		showActionSheet: ({ itemList, alertText }) => port.call("actionSheet", { itemList, alertText }),
	}
}

/** What Plaza has beyond WeChat. */
export function plazaApi(port: HostPort): Record<string, unknown> {
	return {
		/** Calls a method of the bridge's table; a refusal rejects with its `code` and `data`. */
		call: async (method: string, args: unknown = {}) => {
			try {
				return await port.call("bridge", { method, args })
			} catch (error) {
				if (error instanceof HostError) throw failure(`plaza.${method}`, error)
				throw error
			}
		},
		/** Opens the receipt of an order in the host. */
		openOrder: (id: string) => port.cast("openOrder", { id: String(id) }),
	}
}
