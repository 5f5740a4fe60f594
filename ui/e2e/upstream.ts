import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"

/** One pixel, as a picture of another host. */
const PIXEL = Buffer.from(
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
	"base64",
)

/** A back end of somebody's program, on this machine. */
export class Upstream {
	/** What it was asked: method, path and the header that counts. */
	readonly asked: string[] = []
	private constructor(
		readonly port: number,
		private readonly server: ReturnType<typeof createServer>,
	) {}

	static async start(): Promise<Upstream> {
		const server = createServer()
		await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
		const upstream = new Upstream((server.address() as AddressInfo).port, server)
		server.on("request", (request, response) => void upstream.answer(request, response))
		server.on("upgrade", (request, socket) => upstream.chat(request, socket as Socket))
		return upstream
	}

	stop(): void {
		this.server.closeAllConnections()
		this.server.close()
	}

	private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const parts: Buffer[] = []
		for await (const part of request) parts.push(part as Buffer)
		const body = Buffer.concat(parts)
		const { method, url = "", headers } = request
		this.asked.push(`${method} ${url}`)
		if (url.startsWith("/pixel")) {
			response.setHeader("Content-Type", "image/png")
			response.end(PIXEL)
		} else if (url.startsWith("/file")) {
			response.end("x".repeat(100_000))
		} else if (url.startsWith("/upload")) {
			const name = /filename="([^"]+)"/.exec(body.toString())?.[1]
			response.end(
				`${headers["content-type"]?.split(";")[0]} ${name} ${body.includes("told") ? "told" : ""}`,
			)
		} else {
			response.setHeader("Content-Type", "application/json")
			response.setHeader("Set-Cookie", ["session=1; Path=/", "theme=dark"])
			response.end(
				JSON.stringify({ method, url, body: body.toString(), token: headers["x-token"] ?? "" }),
			)
		}
	}

	/** The least of RFC 6455: short text in one frame, answered in capitals. */
	private chat(request: IncomingMessage, socket: Socket): void {
		const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
		const accept = createHash("sha1").update(key).digest("base64")
		socket.write(
			`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
		)
		socket.on("error", () => {})
		socket.on("data", (frame: Buffer) => {
			const length = (frame[1] ?? 0) & 0x7f
			const mask = frame.subarray(2, 6)
			const said = frame.subarray(6, 6 + length).map((byte, i) => byte ^ (mask[i % 4] ?? 0))
			const kind = (frame[0] ?? 0) & 0x0f
			if (kind === 8) {
				socket.end(Buffer.from([0x88, said.length, ...said]))
				return
			}
			if (kind !== 1) return
			const answer = Buffer.from(Buffer.from(said).toString().toUpperCase())
			socket.write(Buffer.concat([Buffer.from([0x81, answer.length]), answer]))
		})
	}
}
