/// Why a map that reads a contraction's result does not finish its tiles.
package enum EpilogueObstacle: String, Sendable, Hashable, Codable, CaseIterable {
  case notTogether = "it is not in the same task, which goes through the batch in tiles"
  case notAMap = "it is not a map"
  case finishedByAnother = "another map finishes the product already"
  case notOneMatrix = "the product is not one matrix: its rows, columns or depth are several loops"
  case combines = "it combines elements"
  case otherLoops = "it does not go through the rows and columns of the product"
  case otherVectors = "its vectors do not lie along the columns"
  case readByOthers = "others read the product too"
  case notInATile = "the product is needed after its tile"
  case otherElements = "it reads elements of the product at other places than its own"
  case othersBetween = "what runs between the product and it needs the one before and the other after"
}
