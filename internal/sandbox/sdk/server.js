// The object of require('wx-server-sdk'), in WeChat's words, over the bridge. `around` is what the worker gives. A
// part that few functions use is made when it is first asked for.

/** An error of the bridge as WeChat's SDK words it. */
function failed(name, error) {
	error.errCode ??= -1
	error.errMsg ??= `${name}:fail ${error.message}`
	return error
}

/** A call of the bridge whose answer is given WeChat's shape. */
async function asked(name, make, shape) {
	try {
		const answer = await make()
		return { ...shape?.(answer), errMsg: `${name}:ok` }
	} catch (error) {
		throw error instanceof Error ? failed(name, error) : error
	}
}

const unsupported = (name) =>
	Object.assign(new Error(`${name}:fail not supported`), {
		code: "not_supported",
		errCode: -1,
		errMsg: `${name}:fail not supported`,
	})

/** Every name below it is a function that refuses, so that a program hears which one it asked for. */
function refusing(name) {
	return new Proxy(() => {}, {
		get: (_, part) => (typeof part === "string" ? refusing(`${name}.${part}`) : undefined),
		apply: () => Promise.reject(unsupported(name)),
	})
}

/** cloud.openapi: what the house has of it, and refusals for the rest. */
function openapi({ call }) {
	const send = ({ touser, templateId, page, data } = {}) =>
		asked(
			"openapi.subscribeMessage.send",
			async () => {
				try {
					return await call("messages.send", { touser, templateId, page, data })
				} catch (error) {
					throw error.code === "method_unknown"
						? unsupported("openapi.subscribeMessage.send")
						: error
				}
			},
			() => ({ errCode: 0 }),
		)
	const subscribeMessage = new Proxy(
		{ send },
		{ get: (own, part) => own[part] ?? refusing(`openapi.subscribeMessage.${String(part)}`) },
	)
	return new Proxy(
		{ subscribeMessage },
		{
			get: (own, part) =>
				own[part] ?? (typeof part === "string" ? refusing(`openapi.${part}`) : undefined),
		},
	)
}

/** Files of the program: bytes go over the bridge as base64. */
function storage({ call, toBase64, fromBase64 }) {
	return {
		uploadFile: ({ cloudPath, fileContent } = {}) =>
			asked(
				"cloud.uploadFile",
				async () => call("files.upload", { path: cloudPath, body64: toBase64(fileContent) }),
				({ fileID }) => ({ fileID, statusCode: 200 }),
			),
		downloadFile: ({ fileID } = {}) =>
			asked(
				"cloud.downloadFile",
				() => call("files.download", { file: fileID }),
				({ body64 }) => ({ fileContent: fromBase64(body64), statusCode: 200 }),
			),
		getTempFileURL: ({ fileList = [] } = {}) =>
			asked(
				"cloud.getTempFileURL",
				() => call("files.urls", { files: fileList }),
				(answer) => answer,
			),
		deleteFile: ({ fileList = [] } = {}) =>
			asked(
				"cloud.deleteFile",
				() => call("files.delete", { files: fileList }),
				(answer) => answer,
			),
	}
}

/** cloud.cloudPay: WeChat's names for bills. An order of the maker (outTradeNo) is a bill's reference. */
function cloudPay({ call }) {
	const paid = { returnCode: "SUCCESS", returnMsg: "OK", resultCode: "SUCCESS" }
	const which = ({ transactionId, outTradeNo }) =>
		transactionId ? { bill: transactionId } : { reference: outTradeNo }
	return {
		unifiedOrder: ({ body, detail, attach, outTradeNo, feeType, totalFee } = {}) =>
			asked(
				"cloudPay.unifiedOrder",
				() =>
					call("bills.make", {
						amount: totalFee,
						currency: feeType,
						title: body,
						detail,
						reference: outTradeNo,
						attach,
					}),
				(bill) => ({
					...paid,
					prepayId: bill.bill,
					payment: {
						timeStamp: String(Math.floor(Date.now() / 1000)),
						nonceStr: bill.bill,
						signType: "MD5",
						paySign: "",
						package: bill.package,
					},
				}),
			),
		queryOrder: (order = {}) =>
			asked(
				"cloudPay.queryOrder",
				() => call("bills.get", which(order)),
				(bill) => ({ ...paid, ...billAsOrder(bill) }),
			),
		closeOrder: (order = {}) =>
			asked(
				"cloudPay.closeOrder",
				() => call("bills.close", which(order)),
				() => paid,
			),
		refund: ({ outRefundNo, refundFee, refundDesc, ...order } = {}) =>
			asked(
				"cloudPay.refund",
				() =>
					call("bills.refund", {
						...which(order),
						key: outRefundNo,
						amount: refundFee,
						reason: refundDesc ?? "Refund",
					}),
				(bill) => ({ ...paid, ...billAsOrder(bill), outRefundNo, refundFee }),
			),
	}
}

function billAsOrder({ bill, reference, amount, currency, status, attach }) {
	const states = {
		open: "NOTPAY",
		paid: "SUCCESS",
		closed: "CLOSED",
		expired: "CLOSED",
		refunded: "REFUND",
		partly_refunded: "REFUND",
	}
	return {
		transactionId: bill,
		outTradeNo: reference,
		totalFee: amount,
		feeType: currency,
		attach,
		tradeState: states[status] ?? status,
	}
}

/** cloud.logger(): an object is one line. */
function logger() {
	const line = (level) => (value) => console[level](value)
	return { log: line("log"), info: line("info"), warn: line("warn"), error: line("error") }
}

function createCloud(around) {
	const { call } = around
	let files
	let pay
	let api
	const later = (name) => (options) => {
		files ??= storage(around)
		return files[name](options)
	}
	return {
		DYNAMIC_CURRENT_ENV: "DYNAMIC_CURRENT_ENV",
		init() {},
		updateConfig() {},
		getWXContext: around.context,
		database: around.database,
		plaza: { call },
		callFunction: ({ name, data } = {}) =>
			asked(
				"cloud.callFunction",
				() => around.run(name, data),
				(result) => ({ result }),
			),
		uploadFile: later("uploadFile"),
		downloadFile: later("downloadFile"),
		getTempFileURL: later("getTempFileURL"),
		deleteFile: later("deleteFile"),
		logger,
		get cloudPay() {
			pay ??= cloudPay(around)
			return pay
		},
		get openapi() {
			api ??= openapi(around)
			return api
		},
	}
}

export { createCloud }
