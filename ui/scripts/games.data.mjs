// The games that games.mjs writes itself: each a few lines around an engine as npm has it.

const pixi = `
const { windowWidth, windowHeight, pixelRatio } = wx.getSystemInfoSync()
const app = new PIXI.Application({
	view: canvas, width: windowWidth * pixelRatio, height: windowHeight * pixelRatio, backgroundColor: 0x224488, FORCE,
})
const shape = new PIXI.Graphics()
shape.beginFill(0xffcc33); shape.drawCircle(0, 0, 160); shape.endFill()
shape.beginFill(0xcc3355); shape.drawRect(-60, -60, 120, 120); shape.endFill()
shape.x = app.screen.width / 2; shape.y = app.screen.height / 2
app.stage.addChild(shape)
const words = new PIXI.Text("PIXI", { fontSize: 80, fill: 0xffffff })
words.x = 60; words.y = 300
app.stage.addChild(words)
app.ticker.add(() => { shape.rotation += 0.02 })
`

const phaser = `
const { windowWidth, windowHeight, pixelRatio } = wx.getSystemInfoSync()
new Phaser.Game({
	type: Phaser.TYPE, canvas, width: windowWidth * pixelRatio, height: windowHeight * pixelRatio,
	backgroundColor: "#224488", audio: { noAudio: true }, banner: false,
	scene: { create() {
		const { width, height } = this.scale
		this.add.circle(width / 2, height / 2, width / 4, 0xffcc33)
		const square = this.add.rectangle(width / 2, height / 2, width / 4, width / 4, 0xcc3355)
		this.tweens.add({ targets: square, angle: 360, duration: 2000, repeat: -1 })
		this.add.triangle(width / 3, height / 5, 0, 100, 50, 0, 100, 100, 0x33cc77)
	} },
})
`

const three = (make) => `
const { windowWidth, windowHeight } = wx.getSystemInfoSync()
${make}
const renderer = new THREE.WebGLRenderer({ canvas, antialias: true })
renderer.setSize(windowWidth * 2, windowHeight * 2, false)
const scene = new THREE.Scene()
scene.background = new THREE.Color(0x224488)
const camera = new THREE.PerspectiveCamera(60, windowWidth / windowHeight, 0.1, 50)
camera.position.z = 4
const cube = new THREE.Mesh(
	new (THREE.BoxGeometry || THREE.BoxBufferGeometry)(1.5, 1.5, 1.5), new THREE.MeshNormalMaterial())
scene.add(cube)
const draw = () => { cube.rotation.x += 0.01; cube.rotation.y += 0.02; renderer.render(scene, camera); requestAnimationFrame(draw) }
draw()
`

const game = (name, engine, file, body, module) => ({
	name,
	packages: [{ ...engine, file, as: "lib/engine.js" }],
	files: {
		"game.js": `require("./lib/adapter")\nconst ${module} = require("./lib/engine")\n${body}`,
		// Without an adapter the engine has the frame's own document.
		"lib/adapter.js": "wx.createCanvas()",
	},
})

export const engines = [
	game(
		"pixi-4-webgl",
		{ from: "pixi.js", version: "4.8.9" },
		"dist/pixi.min.js",
		pixi.replace("FORCE", "forceCanvas: false"),
		"PIXI",
	),
	game(
		"pixi-4-canvas",
		{ from: "pixi.js", version: "4.8.9" },
		"dist/pixi.min.js",
		pixi.replace("FORCE", "forceCanvas: true"),
		"PIXI",
	),
	game(
		"phaser-3-webgl",
		{ from: "phaser", version: "3.90.0" },
		"dist/phaser.min.js",
		phaser.replace("TYPE", "WEBGL"),
		"Phaser",
	),
	game(
		"phaser-3-canvas",
		{ from: "phaser", version: "3.90.0" },
		"dist/phaser.min.js",
		phaser.replace("TYPE", "CANVAS"),
		"Phaser",
	),
	game(
		"three-0.108",
		{ from: "three", version: "0.108.0" },
		"build/three.min.js",
		three(""),
		"THREE",
	),
	{
		name: "threejs-miniprogram",
		packages: [
			{ from: "threejs-miniprogram", version: "0.0.8", file: "dist/index.js", as: "lib/engine.js" },
		],
		files: {
			"game.js": `const canvas = wx.createCanvas()\nconst { createScopedThreejs } = require("./lib/engine")\n${three("const THREE = createScopedThreejs(canvas)")}`,
		},
	},
]

/** A loop as games have them: two hundred sprites that move and are drawn in every frame. */
export const loop = {
	name: "loop",
	files: {
		"game.js": `
const canvas = wx.createCanvas()
const paint = canvas.getContext("2d")
const picture = wx.createCanvas()
picture.width = picture.height = 48
const brush = picture.getContext("2d")
brush.fillStyle = "#ffcc33"; brush.beginPath(); brush.arc(24, 24, 22, 0, 7); brush.fill()
const all = Array.from({ length: 200 }, (_, n) => ({ x: n * 7 % 390, y: n * 13 % 840, dx: 1 + n % 3, dy: 1 + n % 4 }))
let frames = 0
const step = () => {
	frames++
	paint.fillStyle = "#224488"; paint.fillRect(0, 0, canvas.width, canvas.height)
	for (const one of all) {
		one.x += one.dx; one.y += one.dy
		if (one.x < 0 || one.x > canvas.width - 48) one.dx = -one.dx
		if (one.y < 0 || one.y > canvas.height - 48) one.dy = -one.dy
		paint.drawImage(picture, one.x, one.y)
	}
	requestAnimationFrame(step)
}
step()
GameGlobal.loop = { measure: (ms) => new Promise((done) => {
	const before = frames, began = performance.now()
	setTimeout(() => done((frames - before) / ((performance.now() - began) / 1000)), ms)
}) }
`,
	},
}
