/** Hands a text to the person as a file of that name. */
async function download(name, text) {
	const filePath = `${wx.env.USER_DATA_PATH}/${name}`
	wx.getFileSystemManager().writeFileSync(filePath, text, "utf8")
	await wx.saveFileToDisk({ filePath })
}

module.exports = { download }
