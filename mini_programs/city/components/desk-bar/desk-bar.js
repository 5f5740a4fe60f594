const { say } = require("../../lib/words")

const rooms = ["home", "notices", "contests", "payments", "import", "bills", "bookings", "setup"]

// The agency's rooms.
Component({
	properties: { at: String },
	data: { rooms: rooms.map((id) => ({ id, name: say(`desk_${id}`) })) },
	methods: {
		go({ currentTarget: { dataset } }) {
			if (dataset.id !== this.data.at)
				wx.reLaunch({ url: `/pages/desk/${dataset.id}/${dataset.id}` })
		},
	},
})
