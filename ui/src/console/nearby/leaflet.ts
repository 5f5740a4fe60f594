// Leaflet with its sheet, in one lazy piece.
import "leaflet/dist/leaflet.css"
import L from "leaflet"

export { L }
